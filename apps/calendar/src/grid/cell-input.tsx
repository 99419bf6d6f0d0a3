import { useEffect, useRef, useState } from 'react';

export type Then = 'down' | 'right' | 'left' | 'stay' | 'fill';

/** What the field begins with. */
export interface Editing {
  start: string;
  /** by the key that began it; else it is what stands there, and is replaced by what is typed */
  isTyped: boolean;
}

interface CellInputProps {
  editing: Editing;
  label: string;
  commit: (text: string, then: Then) => void;
  cancel: () => void;
}

/** Enter goes down, Tab to the right, Ctrl+Enter fills what is chosen; Esc leaves the cell as it was. */
export function CellInput({ editing: { start, isTyped }, label, commit, cancel }: CellInputProps) {
  const [text, setText] = useState(start);
  const input = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  useEffect(() => {
    input.current?.focus();
    input.current?.setSelectionRange(isTyped ? start.length : 0, start.length);
  }, [start.length, isTyped]);
  const end = (then: Then): void => {
    isDone.current = true;
    commit(text, then);
  };
  return (
    <input
      ref={input}
      value={text}
      inputMode="numeric"
      autoComplete="off"
      aria-label={label}
      onChange={(event) => setText(event.target.value)}
      // Leaving the field by any other way keeps what was typed.
      onBlur={() => !isDone.current && end('stay')}
      onKeyDown={(event) => {
        if (event.key === 'Enter') end(event.ctrlKey || event.metaKey ? 'fill' : 'down');
        else if (event.key === 'Tab') end(event.shiftKey ? 'left' : 'right');
        else if (event.key === 'Escape') {
          isDone.current = true;
          cancel();
        } else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}
