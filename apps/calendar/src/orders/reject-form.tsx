import { useId, useState } from 'react';
import { orders } from '../api/holdfast.js';
import { useSendOnce } from '../api/sent-once.js';
import type { OrderState, OrderSummary } from '../api/types.js';
import { strings } from '../strings.js';
import { useNotices } from '../ui/notices.js';
import { useShop } from '../ui/shop.js';

/** What rejecting does, by the order's state; absent where there is nothing left to reject. */
const ASKED: Partial<Record<OrderState, string>> = {
  held: strings.orders.rejectHeld,
  paid: strings.orders.rejectPaid,
  refunded: strings.orders.rejectRefunded,
};

/** Reject, asked again with room for a reason; what follows comes by the live stream. */
export function RejectForm({ order }: { order: OrderSummary }) {
  const { canWrite } = useShop();
  const [state, setState] = useState<'resting' | 'asking' | 'kept' | 'sent'>('resting');
  const asked = ASKED[order.state];
  if (!canWrite || asked === undefined) return null;
  if (state === 'sent') return <p className="muted">{strings.orders.rejecting}</p>;
  if (state === 'asking') {
    return (
      <Question order={order} asked={asked} keep={() => setState('kept')} sent={() => setState('sent')} />
    );
  }
  return (
    <button
      type="button"
      className="button button-danger"
      aria-label={strings.orders.rejectOrder(order.orderId)}
      // Back from the question, which had the focus.
      autoFocus={state === 'kept'}
      onClick={() => setState('asking')}
    >
      {strings.orders.reject}
    </button>
  );
}

interface QuestionProps {
  order: OrderSummary;
  asked: string;
  keep: () => void;
  sent: () => void;
}

function Question({ order, asked, keep, sent }: QuestionProps) {
  const { store } = useShop();
  const notices = useNotices();
  const [reason, setReason] = useState('');
  const [isSending, setSending] = useState(false);
  const sendOnce = useSendOnce();
  const id = useId();
  const send = async (): Promise<void> => {
    if (isSending) return;
    setSending(true);
    try {
      await sendOnce(reason.trim(), (id) => orders.reject(store.storeId, order.orderId, reason.trim(), id));
      notices.show({ text: strings.orders.rejected(order.orderId) });
      sent();
    } catch (error) {
      setSending(false);
      notices.problem(error);
    }
  };
  return (
    <form
      className="reject-form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p id={`${id}-asked`}>{asked}</p>
      <label htmlFor={id}>{strings.orders.reason}</label>
      <input
        id={id}
        value={reason}
        maxLength={500}
        autoFocus
        placeholder={strings.orders.reasonExample}
        aria-describedby={`${id}-asked`}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="row">
        <button type="button" className="button button-quiet" onClick={keep}>
          {strings.orders.keep}
        </button>
        <button type="submit" className="button button-danger" aria-disabled={isSending}>
          {isSending ? strings.orders.rejecting : strings.orders.rejectNow}
        </button>
      </div>
    </form>
  );
}
