/** Boxes and arrows between them. */
export interface Graph {
  readonly title: string;
  /** The content as text. */
  readonly description: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

export interface Box {
  readonly id: string;
  readonly label: string;
  /** A smaller text below the label. */
  readonly note?: string;
  readonly style: 'plain' | 'choice' | 'wait' | 'good' | 'bad' | 'own' | 'external';
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly lines: readonly string[];
  /** Whether the arrow is taken after a failure. */
  readonly failing?: boolean;
}
