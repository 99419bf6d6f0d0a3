/** A line of an order, a refund or a restock. */
export interface Line {
  productId: string;
  variantId?: string;
  /** `YYYY-MM-DD` in the store's time zone */
  fulfillmentDate?: string;
  quantity: number;
}
