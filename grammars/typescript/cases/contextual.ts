// Keywords that are names of members.

class F {
  abstract: string = '';
  accessor: number;
  m() {}
}

export class G {
  abstract() {}
  accessor<T>(x: T): T { return x; }
  private abstract2 = 1;
}

interface I {
  abstract: string;
  accessor?(): void;
  readonly declare: number;
  get: () => void;
}

abstract class J {
  abstract abstract: string;
  static abstract = 1;
  abstract accessor(): void;
  accessor accessor = 1;
  declare abstract?: string;
  get abstract2() { return this.abstract; }
  abstract last(): void;
}

type K = { abstract: string; readonly: number; accessor(): void };

class L {
  @Input() abstract!: boolean;
  async: string;
  static: string;
  declare: string;
  readonly override: string;
  type: string;
  of() {}
  accessor
  last() {}
}

declare class M {
  abstract: string;
  accessor(): void;
}

const n = { abstract() {}, accessor: 1, m() {} };
