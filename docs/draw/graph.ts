/** What is drawn: boxes, and arrows between them. */
export interface Graph {
  readonly title: string;
  /** Says in words what can be seen. */
  readonly description: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

export interface Box {
  readonly id: string;
  readonly label: string;
  /** Smaller, below the label. */
  readonly note?: string;
  readonly look: 'plain' | 'choice' | 'wait' | 'good' | 'bad' | 'ours' | 'theirs';
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly lines: readonly string[];
  /** Taken when something fails. */
  readonly failing?: boolean;
}
