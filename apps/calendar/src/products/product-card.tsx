import type { ReactNode } from 'react';
import type { Product } from '../api/types.js';
import { titleOf } from '../calendar/slots.js';
import { strings } from '../strings.js';
import { useShop } from '../ui/shop.js';

interface ProductCardProps {
  product: Product;
  edit: () => void;
  children?: ReactNode;
}

export function ProductCard({ product, edit, children }: ProductCardProps) {
  const { canWrite } = useShop();
  const { productId, inventory, variants } = product;
  const title = titleOf(product);
  return (
    <li className="product" data-product={productId}>
      <header>
        <h2>{title}</h2>
        {title !== productId && <span className="muted">{productId}</span>}
        <span className={`badge badge-${inventory}`}>{strings.products.inventories[inventory]}</span>
        {canWrite && (
          <button
            type="button"
            className="button button-quiet"
            aria-label={strings.products.edit(title)}
            onClick={edit}
          >
            {strings.products.change}
          </button>
        )}
      </header>
      {inventory === 'variant' && (
        <p className="muted">
          {variants === null
            ? strings.products.anyVariant
            : variants.map(({ variantId, title: name }) => name ?? variantId).join(' · ')}
        </p>
      )}
      {children}
    </li>
  );
}
