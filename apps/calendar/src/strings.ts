/** Every word that the page says, in one place. Another language is another file like this one. */

import type { Inventory, Kind, OrderState } from './api/types.js';
import type { Level } from './calendar/balance.js';
import type { Wrong } from './calendar/changes.js';
import type { LiveStatus } from './live/stream.js';
import type { IdFault } from './products/ids.js';
import type { NumbersFault } from './products/new-keys.js';
import type { Theme } from './ui/theme.js';

export const LOCALE = 'en-GB';

const format = new Intl.NumberFormat(LOCALE);
const n = (value: number): string => format.format(value);
const count = (value: number, one: string, many: string): string => `${n(value)} ${value === 1 ? one : many}`;
const free = (value: number | null): string => (value === null ? 'unlimited' : n(value));

/** Titles named in a sentence; the rest are a number. */
const MOST_NAMED = 4;

export const strings = {
  name: 'Holdfast',
  loading: 'Loading…',
  tryAgain: 'Try again',
  close: 'Close',
  cancel: 'Cancel',
  signOut: 'Sign out',
  otherStore: 'Other store',
  skipToContent: 'Skip to the content',
  mainNavigation: 'Main',
  unlimited: 'unlimited',
  noVariant: 'without variant',
  todayWord: 'today',
  todayIs: (day: string) => `Today, ${day}`,
  andMore: (text: string, more: number) => `${text} and ${n(more)} more`,
  moreProducts: (products: number) => `+${n(products)} more`,

  views: {
    calendar: 'Calendar',
    table: 'Table',
    orders: 'Orders',
    products: 'Products',
    settings: 'Settings',
  },

  left: (level: Level, left: number): string => {
    const words: Record<Level, string> = {
      unlimited: 'unlimited',
      plenty: `${n(left)} left`,
      low: `${n(left)} left`,
      none: 'none left',
      'sold-out': 'sold out',
      unavailable: 'unavailable',
    };
    return words[level];
  },
  held: (units: number) => `${n(units)} held`,
  sold: (units: number) => `${n(units)} sold`,
  refunded: (units: number) => `${n(units)} refunded`,
  inAll: (units: string) => `${units} in all`,
  /** after some of a product's variants, where others have a number left */
  variants: {
    some: (some: number, all: number) => `${n(some)} of ${n(all)}`,
    out: 'out',
    unlimited: '∞',
  },

  signIn: {
    title: 'Sign in to Holdfast',
    intro: 'See and set what your shop can still sell.',
    key: 'Your store’s key',
    hint: 'It starts with hf_. Whoever runs Holdfast for you makes one with “ops keys create”. This page does not keep it.',
    submit: 'Sign in',
    busy: 'Signing in…',
    missing: 'Enter your store’s key.',
    wrong: 'This key is not known, or was revoked. Look whether you copied all of it, or ask for a new one.',
    storefront: 'This key is for the shop’s own pages. Sign in with a merchant’s key.',
    ended: 'Your session has ended. Sign in again.',
  },
  chooseStore: {
    title: 'Choose a store',
    filter: 'Find a store',
    none: 'There is no store yet. Where Holdfast is installed, make one with this command, with your own name and time zone in it:',
    command: 'npm run ops -- store set --store bakery --timezone Europe/Berlin --fulfillment-dates on',
    thenLook: 'Then look again.',
    lookAgain: 'Look again',
    dated: 'with fulfillment dates',
    undated: 'without fulfillment dates',
  },
  theme: {
    auto: 'as the device',
    light: 'light',
    dark: 'dark',
    label: (now: string, next: string) => `Colours: ${now}. Change to: ${next}`,
  } satisfies Record<Theme, string> & { label: unknown },
  live: {
    live: 'Live',
    connecting: 'Connecting…',
    lost: 'Reconnecting…',
    explained: {
      live: 'Orders show here as they come in.',
      connecting: 'Connecting to the shop.',
      lost: 'The connection was lost. Numbers may be old until it is back; it is tried again by itself.',
    } satisfies Record<LiveStatus, string>,
  },
  notices: { region: 'Notices' },

  calendar: {
    previousMonth: 'Previous month',
    nextMonth: 'Next month',
    today: 'Today',
    several: 'Select several',
    severalHint: 'Each click adds a day or takes it away, as Ctrl-click does',
    viewAs: 'Show as',
    asMonth: 'Month',
    asTable: 'Table',
    products: (shown: number, all: number) =>
      shown === all ? `Products (${n(all)})` : `Products (${n(shown)} of ${n(all)})`,
    productsShown: 'Products shown',
    all: 'All',
    none: 'None',
    gridLabel: (month: string) => `${month}: what is left, held and sold each day`,
    week: (firstDay: string) => `Week of ${firstDay}`,
    keys:
      'Arrow keys move by day and week, Page Up and Page Down by month, Home and End in the week. Space chooses a day, ' +
      'Shift with arrows a range, Enter goes on to its numbers, Escape lets go.',
    allWeekdays: (weekday: string, month: string) => `Choose every ${weekday} of ${month}`,
    noProducts: 'No product is counted yet. Turn a product’s inventory on to set numbers for dates.',
    toProducts: 'To the products',
  },
  legend: {
    title: 'How to read the bars',
    unlimited: '∞ unlimited',
    left: 'left: can still be ordered',
    held: 'held: waiting for payment',
    sold: 'sold: paid',
    refunded: 'refunded: yours to put back',
  },
  panel: {
    region: 'Chosen days',
    hint: 'Choose a day to set its numbers. Shift-click chooses a range, a weekday’s name all of its days. Ctrl-click adds to what is chosen.',
    hintTouch:
      'Tap a day to set its numbers. A weekday’s name chooses all of its days; with “Select several”, each tap adds a day.',
    dates: (dates: number) => count(dates, 'date', 'dates'),
    appliesTo: (dates: number, text: string) => `Applies to ${count(dates, 'date', 'dates')}: ${text}`,
    past: 'Some of it is past.',
    clear: 'Clear selection',
    open: 'Set numbers',
    noProducts: 'No products are shown. Choose some above.',
    left: 'Can be ordered',
    fieldOf: (name: string) => `${name}: can be ordered`,
    allVariantsOf: (product: string) => `${product}, all variants: can be ordered`,
    blankIsUnlimited:
      'Numbers are what can still be ordered. Blank = unlimited, 0 = unavailable. +5 or −5 changes it by that much.',
    allVariants: 'All variants',
    eachTheSame: 'for each',
    different: 'different',
    together: (dates: number) => `on ${n(dates)} dates`,
    makeUnlimited: (name: string) => `${name}: unlimited`,
    notCounted: 'Not counted any more; shown until its orders are over.',
    uncounted: (titles: readonly string[]) => {
      const rest = titles.length - MOST_NAMED;
      const names = titles.slice(0, MOST_NAMED).join(', ');
      return titles.length === 1
        ? `${names} is not counted: it can always be ordered, also where everything else is 0.`
        : `${rest > 0 ? `${names} and ${n(rest)} more` : names} are not counted: they can always be ordered, also where everything else is 0.`;
    },
    turnCountingOn: 'Turn counting on in Products',
    mendFirst: 'One of the numbers cannot be used. Mend it, then save.',
    nothingChanges: 'Nothing would change.',
    discard: 'Discard',
  },
  preview: {
    title: (lines: number) => `Save will change ${count(lines, 'number', 'numbers')}:`,
    /** what there is in all, where something is held or sold beside what is left */
    inAll: (left: number | null, totals: { least: number; most: number } | null) => {
      if (totals === null || totals.most === left) return '';
      const { least, most } = totals;
      return ` left · ${least === most ? n(most) : `${n(least)}–${n(most)}`} in all`;
    },
    stays: (held: number, sold: number) =>
      `Not part of these numbers, and staying so: ${[...(held > 0 ? [`${n(held)} held`] : []), ...(sold > 0 ? [`${n(sold)} sold`] : [])].join(', ')}.`,
    more: (rest: number) => `and ${n(rest)} more`,
    settles: (units: number) =>
      `${count(units, 'refunded unit', 'refunded units')} will no longer wait to be put back: the number you set counts instead.`,
  },
  save: {
    save: 'Save',
    saving: 'Saving…',
    undo: 'Undo',
    undoing: 'Undoing…',
    cell: (name: string, before: number | null, after: number | null) =>
      `${name}: ${free(before)} → ${free(after)}`,
    saved: (cells: number, first: string) =>
      cells === 1 ? `Saved: ${first}` : `Saved ${n(cells)} numbers: ${first} and ${n(cells - 1)} more`,
    undone: (cells: number) => `Undone: ${count(cells, 'number is', 'numbers are')} as before.`,
    undoRefused: (changed: number, refused: number) =>
      `${changed > 0 ? `${count(changed, 'number is', 'numbers are')} as before;` : 'Nothing was undone:'} ${count(refused, 'number was', 'numbers were')} changed or ordered since. Set the numbers you want instead.`,
    isNow: (name: string, left: number | null) => `${name}: ${free(left)} now`,
    refused: (cells: number) => `${count(cells, 'number was', 'numbers were')} not changed:`,
    tooMany: (cells: number, most: number) =>
      `These are ${n(cells)} numbers; one Save changes at most ${n(most)}. Choose fewer dates or products.`,
  },
  recent: {
    title: 'Recent changes',
    numbers: (keys: number) => count(keys, 'number', 'numbers'),
    undone: 'undone',
    undoing: (text: string) => `Undo: ${text}`,
    undo: (text: string) => `Undo ${text}`,
  },
  stale: {
    title: (cells: number) =>
      cells === 1 ? 'Someone changed this number' : `Someone changed ${n(cells)} of these numbers`,
    intro: (cells: number) =>
      `${cells === 1 ? 'It was changed after you saw it.' : 'They were changed after you saw them.'} Choose which number is to stand.`,
    both: (seen: number | null, now: number | null) => `You saw ${free(seen)}, it is ${free(now)} now.`,
    keep: (now: number | null) => `Keep theirs: ${free(now)}`,
    set: (mine: number | null) => `Set mine: ${free(mine)}`,
    keepAll: 'Keep all of theirs',
    setAll: 'Set all of mine',
    apply: 'Apply',
    later: 'Not now',
  },
  wrong: {
    negative: 'There are not so many to take away. Set it to 0 if that is meant.',
    fraction: 'Use a whole number, without point or comma.',
    'too-large': 'Use a number up to 1 000 000 000.',
    'not-a-number':
      'Use a whole number from 0, or leave it blank for unlimited. +5 needs a number to add to.',
    'no-change': 'Use a number other than 0 to add or take away.',
  } satisfies Record<Wrong, string>,

  table: {
    hintTouch: 'Tap a number twice to change it.',
    hint: 'Type to edit, Enter for the next day, Tab for the next column, Esc to leave a cell as it was. Paste a column or a block from a spreadsheet. Blank = unlimited, 0 = unavailable.',
    label: (month: string) => `${month}: numbers to edit`,
    date: 'Date',
    left: 'left',
    claimed: (held: number, sold: number) =>
      [...(held > 0 ? [`${n(held)} held`] : []), ...(sold > 0 ? [`${n(sold)} sold`] : [])].join(' · '),
    draft: (text: string, now: string) =>
      `edited to ${text.trim() === '' ? 'unlimited' : text}, not saved; is ${now}`,
    pasted: (cells: number, outside: number) =>
      `${count(cells, 'cell', 'cells')} pasted.${outside > 0 ? ` ${count(outside, 'cell', 'cells')} did not fit.` : ''}`,
    unchanged: 'Nothing is edited.',
    edited: (cells: number, elsewhere: number) =>
      `${count(cells, 'cell', 'cells')} edited${elsewhere > 0 ? `, ${n(elsewhere)} of them in other months` : ''}.`,
    wrong: (cells: number) => `${count(cells, 'cell', 'cells')} cannot be saved: mend or discard.`,
    save: (cells: number) => (cells === 0 ? 'Save' : `Save ${n(cells)}`),
  },

  behind: {
    open: (units: string, name: string) => `${name}: ${units}. Show the orders`,
    which: 'Which orders',
    kinds: { held: 'Held', sold: 'Sold', refunded: 'Refunded' } satisfies Record<Kind, string>,
    none: {
      held: 'No order holds any of it.',
      sold: 'None of it is sold.',
      refunded: 'Nothing waits to be put back.',
    } satisfies Record<Kind, string>,
    explained: {
      held: 'These orders wait for payment. Unpaid when the time is over, they are cancelled and their units come back.',
      sold: 'These orders are paid.',
      refunded: 'Refunded, and not for sale again until you put them back.',
    } satisfies Record<Kind, string>,
    units: (units: number, kind: string) => `${kind} of this number: ${n(units)}`,
    more: 'There are more orders than are shown here.',
  },
  orders: {
    holds: 'Waiting for payment',
    holdsExplained: (minutes: number) =>
      `Checkout holds these units for ${count(minutes, 'minute', 'minutes')}. Unpaid then, the order is cancelled and its units come back.`,
    noHolds: 'No order is waiting for payment.',
    completed: 'Orders',
    none: 'There are no orders here yet.',
    filter: 'Which orders',
    all: 'All',
    showMore: 'Show more',
    states: {
      unseen: 'not placed yet',
      held: 'held',
      paid: 'paid',
      refunded: 'refunded',
      rejected: 'rejected',
      expired: 'not paid in time',
      refused: 'refused: not enough stock',
    } satisfies Record<OrderState, string>,
    customer: (id: string) => `Customer ${id}`,
    times: (units: number) => `${n(units)} ×`,
    history: 'History',
    hideHistory: 'Hide history',
    outcome: (outcome: string, state: OrderState) =>
      outcome === 'Released'
        ? `${strings.orders.states[state]}: units came back`
        : (OUTCOMES[outcome] ?? outcome),
    timeLeft: (minutes: number, seconds: number) => `${n(minutes)}:${String(seconds).padStart(2, '0')} left`,
    until: (time: string) => `Held until ${time}`,
    due: 'time is over',
    reject: 'Reject',
    rejectOrder: (id: string) => `Reject order ${id}`,
    rejectHeld: 'Reject this order? Its units come back at once, and the customer is told.',
    rejectPaid:
      'Reject this paid order? Its units come back, the customer is told, and the payment is asked back.',
    rejectRefunded:
      'Reject this refunded order? What still waits to be put back can be ordered again, and the customer is told of the rejection. To put it back without telling the customer, keep the order and use “Put back”.',
    reason: 'Reason for the customer (optional)',
    reasonExample: 'e.g. the oven is broken',
    keep: 'Keep the order',
    rejectNow: 'Reject order',
    rejecting: 'Rejecting…',
    rejected: (id: string) => `Order ${id} is being rejected. Its units come back in a moment.`,
  },
  refunds: {
    title: 'Waiting to be put back',
    explained: 'A refund does not put units back by itself. Put them back to sell them again.',
    puttingBack: 'Putting back…',
    putBack: (units: number) => `Put ${n(units)} back`,
    putBackOf: (units: number, order: string) => `Put ${n(units)} of order ${order} back`,
    putAllBack: (units: number) => `Put all ${n(units)} back`,
    done: (units: number) => `${count(units, 'unit is', 'units are')} for sale again.`,
    past: '(past)',
    pastDate: 'This date is past: what you put back can hardly be sold any more.',
  },

  products: {
    add: 'Add a product',
    edit: (title: string) => `Change ${title}`,
    change: 'Change',
    none: 'There are no products yet. Add the first one.',
    filter: 'Find a product',
    id: 'Id',
    idHint:
      'The name that the shop’s orders use for it. Make it the same as in your shop; it cannot be changed later.',
    idWrong: {
      missing: 'Give the product the id that the shop’s orders name it by.',
      taken: 'Another product has this id. Use one of its own.',
    } satisfies Record<IdFault, string>,
    title: 'Title',
    inventory: 'Inventory',
    inventories: {
      off: 'Not counted',
      product: 'Counted by product',
      variant: 'Counted by variant',
    } satisfies Record<Inventory, string>,
    explained: {
      off: 'It can always be ordered. Its numbers are kept for when you turn it on again.',
      product: 'One number for the product.',
      variant: 'A number for each variant.',
    } satisfies Record<Inventory, string>,
    variants: 'Variants',
    variantsHint: 'Only these can be ordered. The id is what the shop’s orders call it.',
    anyVariant:
      'Any variant can be ordered, unlimited until it has a number. List them to have others refused.',
    variantId: (at: number) => `Id of variant ${n(at)}`,
    variantTitle: (at: number) => `Title of variant ${n(at)}`,
    removeVariant: (name: string) => `Remove variant ${name}`,
    variantIdWrong: {
      missing: 'Give the variant the id that the shop’s orders name it by.',
      taken: 'Another variant has this id. Use one of its own.',
    } satisfies Record<IdFault, string>,
    unnamed: 'This product',
    addVariant: 'Add a variant',
    saved: (title: string) => `${title} is saved.`,
  },
  numbers: {
    title: 'How many are there?',
    now: 'Say it now',
    /** @param isKnown there may be earlier numbers, which count again */
    later: (isDated: boolean, isKnown: boolean) =>
      (isDated ? 'Later, in the calendar: ' : 'Later: ') +
      (isKnown
        ? 'until then the earlier numbers count, and what has none is unlimited'
        : 'unlimited until then'),
    dated:
      'Each of these dates gets the number that you say here. Others are unlimited until you set them in the calendar.',
    stillUnlimited: (name: string, isDated: boolean, numbered: number) => {
      if (!isDated) return `${name} is unlimited until you set a number.`;
      return numbered === 0
        ? `${name} is unlimited on every date until you set a number in the calendar.`
        : `${name} is unlimited on every date but the ${n(numbered)} that have a number.`;
    },
    anyVariantUnlimited: (name: string) =>
      `${name}: every variant is unlimited until it has a number. List the variants to have others refused.`,
    from: 'From',
    to: 'To',
    howMany: 'how many',
    fault: (fault: NumbersFault): string => {
      if (fault.kind === 'dates') return 'Use dates that exist, the first before the last.';
      if (fault.kind === 'too-many') return 'These are more than 10 000 numbers. Choose fewer dates.';
      const labels = fault.keys.map(({ label }) => label).join(', ');
      return fault.kind === 'missing'
        ? `Say a number, or unlimited, for: ${labels}.`
        : `Use a whole number from 0 for: ${labels}.`;
    },
  },
  settings: {
    timeZone: 'Time zone',
    timeZoneHint: 'Decides when a day begins, e.g. Europe/Berlin.',
    hold: 'Minutes that checkout holds items while waiting for payment',
    holdHint: '30 unless you have reason for another. Orders that are held already keep their time.',
    holdWrong: 'Use a number of minutes above 0.',
    dates: 'Fulfillment dates',
    datesHint:
      'For orders that are picked up or delivered on a date: stock is kept for each date, in the calendar. Without them, each product or variant has one number.',
    datesTurn: (on: boolean) =>
      on
        ? 'With dates, each date has its own numbers. Those without a date are kept, but not used.'
        : 'Without dates, each product or variant has one number. Those of dates are kept, but not used.',
    counts: 'The shop’s pages may show how many are left',
    countsHint: 'Otherwise they are only told whether there are enough.',
    save: 'Save settings',
    saved: 'Settings are saved.',
  },

  problems: {
    unknown: 'Something went wrong. Load the page again; if it stays, tell whoever runs Holdfast.',
    unreachable: 'Holdfast cannot be reached. Look at your connection, then try again.',
    unanswered:
      'No answer came from Holdfast, so this may have been done or not. Look at your connection, then try again: it is not done twice.',
    signedOut: 'Your session has ended. Sign in again.',
    server: (requestId: string | undefined) =>
      `Holdfast could not answer. Try again in a moment.${requestId === undefined ? '' : ` If it stays, tell whoever runs it: request ${requestId}.`}`,
    damaged: (detail: string) =>
      `This cannot be read as it is stored. Tell whoever runs Holdfast: ${detail}.`,
    notAllowed: 'Your key may look, and not change anything. Sign in with a merchant’s key.',
    notFound: 'This is not there, or not yours.',
    line: (field: string, problem: string, remedy: string) =>
      [field, problem].filter((part) => part !== '').join(' ') + (remedy === '' ? '' : `: ${remedy}`),
    more: (lines: number) => `and ${n(lines)} more`,
  },
};

const OUTCOMES: Record<string, string | undefined> = {
  Held: 'held for payment',
  Refused: 'refused: not enough stock',
  Sold: 'paid, sold',
  Reinstated: 'paid after all, sold',
  RefundRecorded: 'refund recorded',
  RefundRequired: 'payment asked back',
  Restocked: 'units put back',
};
