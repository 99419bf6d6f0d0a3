import { useState } from 'react';
import { orders } from '../api/holdfast.js';
import { useSendOnce } from '../api/sent-once.js';
import { strings } from '../strings.js';
import { useNotices } from '../ui/notices.js';
import { useShop } from '../ui/shop.js';
import type { PutBack } from './put-back.js';

interface PutBackButtonProps {
  items: readonly PutBack[];
  /** all in one, for several orders */
  isAll?: boolean;
  done: () => void;
}

export function PutBackButton({ items, isAll = false, done }: PutBackButtonProps) {
  const { store, canWrite } = useShop();
  const notices = useNotices();
  const [isBusy, setBusy] = useState(false);
  const sendOnce = useSendOnce();
  const units = items.reduce((sum, item) => sum + item.units, 0);
  if (!canWrite || units === 0) return null;
  const putBack = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    const warnings: string[] = [];
    let back = 0;
    try {
      for (const { orderId, lines, units: some } of items) {
        const answer = await sendOnce([orderId, lines], (id) =>
          orders.restock(store.storeId, orderId, lines, id),
        );
        warnings.push(...answer.warnings.map(({ message }) => message));
        back += some;
      }
    } catch (error) {
      notices.problem(error);
    }
    if (back > 0) notices.show({ text: strings.refunds.done(back), lines: [...new Set(warnings)] });
    setBusy(false);
    done();
  };
  const label = isAll ? strings.refunds.putAllBack(units) : strings.refunds.putBack(units);
  return (
    <button
      type="button"
      className={isAll ? 'button' : 'button button-main'}
      aria-disabled={isBusy}
      aria-label={isAll ? label : strings.refunds.putBackOf(units, items[0]?.orderId ?? '')}
      onClick={() => void putBack()}
    >
      {isBusy ? strings.refunds.puttingBack : label}
    </button>
  );
}
