import { Refusal, request } from '../api/client';
import type { CaseDetail, PolicyRule, QueueEntry, Rest } from '../api/types';
import { currentLanguage, wordsFor } from '../messages/index.svelte';
import { notices } from '../state/notices.svelte';
import type { Command } from './queue-keys';
import { queueWords } from './queue-words';

interface Outcome {
  stage: string | null;
  error: string | null;
}

/** The moderators' queue: what waits, which case is open, and what is about to be said of it. */
export class Queue {
  cases = $state.raw<QueueEntry[] | null>(null);
  rest = $state.raw<Rest | null>(null);
  rules = $state.raw<PolicyRule[]>([]);
  failure = $state('');
  at = $state(0);
  detail = $state.raw<CaseDetail | null>(null);
  claimed = $state(false);
  clear = $state(false);
  helping = $state(false);
  /** A new set each time: a reactive one would put its machinery into the first load of everybody. */
  marked = $state.raw<ReadonlySet<string>>(new Set());
  rule = $state.raw<PolicyRule | null>(null);
  reason = $state('');
  missing = $state(false);
  busy = $state(false);

  current = $derived(this.cases?.[this.at] ?? null);
  /** What the reason and the rule are about: the open case, or all that are marked. */
  kind = $derived(this.detail?.entry.kind ?? this.cases?.find((entry) => this.marked.has(entry.id))?.kind ?? null);
  /** Rules for this kind, first those that are about what is said of the case: they get the keys 1 to 9. */
  fitting = $derived.by(() => {
    const said: string[] = this.detail ? [...this.detail.entry.labels, ...Object.keys(this.detail.entry.reasons)] : [];
    const close = (rule: PolicyRule) => rule.when.some((label) => said.includes(label));
    const own = this.rules.filter((rule) => this.kind && rule.on.includes(this.kind));
    return [...own.filter(close), ...own.filter((rule) => !close(rule))];
  });
  proposal = $derived(this.detail?.opinions.filter((opinion) => opinion.stage === 'proposed').at(-1) ?? null);

  async load(): Promise<void> {
    await this.try(async () => {
      if (!this.rules.length) this.rules = (await request<{ rules: PolicyRule[] }>('GET', '/api/admin/policy')).rules;
      const found = await request<{ cases: QueueEntry[]; rest: Rest }>('GET', '/api/admin/queue');
      this.cases = found.cases;
      this.rest = found.rest;
      this.at = Math.max(0, Math.min(this.at, found.cases.length - 1));
      this.marked = new Set(found.cases.map((entry) => entry.id).filter((id) => this.marked.has(id)));
      this.failure = '';
    }, (words) => (this.failure = words));
  }

  async open(at: number): Promise<void> {
    const entry = this.cases?.[at];
    if (!entry) return;
    this.at = at;
    this.clean();
    await this.try(async () => {
      this.detail = await request<CaseDetail>('GET', `/api/admin/cases/${entry.id}`);
      if (this.proposal) this.choose(this.rules.find((rule) => rule.name === this.proposal?.rule) ?? null);
    });
  }

  async claim(): Promise<void> {
    if (!this.detail) return;
    const id = this.detail.entry.id;
    await this.try(async () => {
      this.detail = await request<CaseDetail>('PUT', `/api/admin/cases/${id}/claim`);
      this.claimed = true;
    });
  }

  async leave(): Promise<void> {
    const left = this.detail;
    const claimed = this.claimed;
    this.detail = null;
    this.clean();
    if (left && claimed) await this.try(() => request('DELETE', `/api/admin/cases/${left.entry.id}/claim`));
  }

  choose(rule: PolicyRule | null): void {
    const before = this.rule ? this.told(this.rule) : '';
    if (!this.reason.trim() || this.reason === before) this.reason = rule ? this.told(rule) : '';
    this.rule = rule;
    this.missing = false;
  }

  /** Decide the open case, or all that are marked where none is open. */
  async decide(action: string, propose = false): Promise<void> {
    if (this.busy) return;
    const reason = this.reason.trim() || (action === 'dismiss' ? queueWords().nothingWrong : '');
    this.missing = !reason;
    if (this.missing) return;
    const rule = action !== 'dismiss' && this.rule?.do === action ? this.rule : null;
    const ruling = { action, reason, rule: rule?.name ?? null, hours: rule?.hours ?? null, propose };
    this.busy = true;
    await this.try(async () => {
      if (this.detail) await this.decideOne(this.detail.entry.id, ruling);
      else await this.decideMarked(ruling);
      this.detail = null;
      this.clean();
      await this.load();
    });
    this.busy = false;
  }

  async obey(command: Command): Promise<void> {
    const grave = this.kind === 'account' ? 'suspend' : 'remove';
    const last = (this.cases?.length ?? 1) - 1;
    if (command.name === 'help') this.helping = !this.helping;
    else if (command.name === 'back') {
      if (this.helping) this.helping = false;
      else await this.leave();
    } else if (command.name === 'next' || command.name === 'previous') {
      const at = Math.max(0, Math.min(last, this.at + (command.name === 'next' ? 1 : -1)));
      if (this.detail) await this.leave().then(() => this.open(at));
      else this.at = at;
    } else if (command.name === 'open') await this.open(this.at);
    else if (command.name === 'mark') this.mark(this.current?.id);
    else if (command.name === 'claim') await this.claim();
    else if (command.name === 'show') this.clear = !this.clear;
    else if (command.name === 'rule') {
      const rule = this.fitting[command.at];
      if (rule) this.choose(this.rule === rule ? null : rule);
    } else if (this.detail || this.marked.size) {
      if (command.name === 'apply' && this.rule) await this.decide(this.rule.do);
      else if (command.name === 'remove') await this.decide(grave);
      else if (command.name === 'dismiss') await this.decide('dismiss');
      else if (command.name === 'second' && this.detail) await this.decide(this.rule?.do ?? grave, true);
    }
  }

  mark(id: string | undefined): void {
    if (!id) return;
    const marked = new Set(this.marked);
    if (!marked.delete(id)) marked.add(id);
    this.marked = marked;
  }

  private async decideOne(id: string, ruling: object): Promise<void> {
    const { stage } = await request<Outcome>('POST', `/api/admin/cases/${id}/decision`, ruling);
    notices.say(stage === 'proposed' ? queueWords().passedOn : queueWords().done);
  }

  private async decideMarked(ruling: object): Promise<void> {
    const cases = [...this.marked];
    const { outcomes } = await request<{ outcomes: Outcome[] }>('POST', '/api/admin/queue/decisions', { ...ruling, cases });
    this.marked = new Set();
    const refused = outcomes.filter((outcome) => outcome.error).length;
    notices.say(refused ? queueWords().refused(refused) : queueWords().done);
  }

  private told(rule: PolicyRule): string {
    return rule.words[currentLanguage()] ?? rule.words.en ?? '';
  }

  private clean(): void {
    this.claimed = this.clear = this.missing = false;
    this.rule = null;
    this.reason = '';
  }

  private async try(act: () => Promise<unknown>, fail: (words: string) => void = (words) => notices.say(words)): Promise<void> {
    try {
      await act();
    } catch (refused) {
      const own = refused instanceof Refusal ? queueWords().errors[refused.code] : undefined;
      fail(own ?? wordsFor(refused));
    }
  }
}
