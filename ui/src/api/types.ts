// The shapes of the HTTP API, as the server's OpenAPI document describes them.
export type Role = 'member' | 'moderator' | 'admin';

export interface Account {
  id: string;
  handle: string;
  name: string;
  role: Role;
  age_band: 'minor' | 'adult';
}

export interface Market {
  id: string;
  name: string;
  signup: 'open' | 'invited' | 'closed';
  minimum_age: number;
  adult_age: number;
  languages: string[];
  state: MarketState;
}

export type MarketState = 'open' | 'no_signups' | 'winding_down' | 'read_only' | 'closed' | 'handed_over';

export interface OrderAct {
  what: 'announced' | 'extended' | 'stayed' | 'resumed' | 'annulled' | 'executed';
  at: string;
  new_date: string | null;
  note: string;
  by: string | null;
}

export interface Order {
  id: string;
  issuer: string;
  legal_basis: string;
  text: string;
  markets: string[];
  acts: OrderAct[];
}

export interface MarketNow {
  id: string;
  name: string;
  state: MarketState;
  since: string | null;
  until: string | null;
  coming: { state: MarketState; at: string }[];
  legal_basis: string | null;
  order: Order | null;
  reason: string;
  moved_to: string;
  banner: MarketState | null;
  keys_destroyed_at: string | null;
  keys_go_at: string | null;
}

export interface MarketStep {
  id: string;
  to_state: MarketState;
  order: string | null;
  takes_effect_at: string;
  moved_to: string;
  reason: string;
  planned_by: string | null;
  planned_at: string;
  confirmed_by: string | null;
  confirmed_at: string | null;
  revoked_by: string | null;
  revoked_at: string | null;
  mine: boolean;
  rests: boolean;
  diff: {
    before: MarketState;
    after: MarketState;
    at: string;
    rules: { kind: string; before: boolean; after: boolean }[];
    numbers: Record<string, number>;
  } | null;
}

export interface Limits {
  upload_bytes: number;
  upload_seconds: number;
  title_characters: number;
  alt_text_characters: number;
  comment_characters: number;
}

export interface Session {
  signed_in: boolean;
  account: Account | null;
  market: Market;
  limits: Limits;
  demo: { made: number; wanted: number } | null;
}

export interface Source {
  url: string;
  name: '480p' | '720p' | '1080p';
  width: number;
  height: number;
  size_bytes: number;
  content_type: string;
}

/** Captions in one language. */
export interface Captions {
  language: string;
  cues: number;
  url: string;
  /** Written by a program that listened, and not looked at by anybody. */
  automatic: boolean;
}

/** What the credentials (C2PA) of a video's original are worth; names only where somebody vouches for them. */
/** How many watched a video in the market that it comes from; rounded down to multiples of `least`. */
export interface Elsewhere {
  market: string;
  least: number;
  viewers: number;
  finished: number;
  liked: number;
}

export interface Provenance {
  status: 'absent' | 'trusted' | 'unknown_issuer' | 'broken';
  problem: 'changed' | 'altered' | 'certificate' | 'history' | 'unreadable' | 'elsewhere' | null;
  /** Whether they say that it was made with AI. */
  ai: boolean;
  source: string | null;
  issuer: string | null;
  generator: string | null;
  signed_at: string | null;
  actions: string[];
}

export interface Video {
  id: string;
  title: string;
  /** What is to be seen, for people who cannot see it. */
  alt_text: string;
  language: string | null;
  hashtags: string[];
  duration_ms: number;
  width: number;
  height: number;
  created_at: string;
  demo: boolean;
  state: 'ready';
  creator: { id: string; handle: string; name: string; following: boolean; self: boolean };
  sound: Sound | null;
  poster_url: string | null;
  /** 5 by 4 small frames, in the order of reading, each for an equal stretch of the video. */
  strip_url: string | null;
  /** A few seconds without sound. */
  preview_url: string | null;
  sources: Source[];
  captions: Captions[];
  provenance: Provenance | null;
  /** Labels of the policy that are said with it, as `synthetic`. */
  warnings: string[];
  liked: boolean;
  like_count: number;
  comment_count: number;
  share_url: string;
  /** The words of its shown note. */
  note: string | null;
}

export type NoteKind = 'misleading' | 'missing_context' | 'machine_made' | 'old_footage' | 'out_of_context' | 'satire';
export type NoteValue = 'helpful' | 'somewhat' | 'not_helpful';
export type NoteReason =
  | 'clear'
  | 'good_sources'
  | 'answers_the_claim'
  | 'neutral_words'
  | 'wrong'
  | 'no_sources'
  | 'misses_the_point'
  | 'opinion'
  | 'not_needed'
  | 'insulting';

/** A note on a video, under its author's alias. */
export interface ViewerNote {
  id: string;
  author: string;
  kind: NoteKind;
  text: string;
  links: string[];
  created_at: string;
  shown: boolean;
  status: 'needs_more' | 'helpful' | 'not_helpful';
  mine: boolean;
  /** One's own that nobody has rated yet. */
  editable: boolean;
  my_rating: NoteValue | null;
}

export type WhyCode = 'similar' | 'alike' | 'rising' | 'fresh' | 'explore' | 'followed' | 'chosen' | 'again';

export interface Why {
  code: WhyCode;
  text: string;
  /** `propensity` and `chance_…` are probabilities; everything else is a base-2 logarithm of a factor. */
  numbers: Record<string, number>;
  /** The video of the viewer's history that spoke most for this one. */
  because?: string | null;
}

/** What each outcome of showing a video is worth. */
export interface Values {
  version: number;
  weights: Record<string, number>;
}

export interface Item {
  slot: number;
  impression: string;
  why: Why;
  video: Video;
}

/** Why only the feed without a profile is served. */
export type Closed = 'not_witnessed' | 'stopped';

export interface Page {
  page: string;
  mode: 'taste' | 'no_profile';
  items: Item[];
  /** Why there is only this feed now; null where it was chosen, or uses a profile. */
  notice: Closed | null;
  /** Seconds left of today's limit; null where there is none. */
  rest_s: number | null;
}

export interface Person {
  id: string;
  handle: string;
  name: string;
}

export type CommentOrder = 'newest' | 'likes';

export interface Comment {
  id: string;
  video: string;
  text: string;
  created_at: string;
  /** `null` where only its place is shown. */
  author: Person | null;
  mine: boolean;
  /** Of somebody or with a word that the viewer mutes. */
  muted: boolean;
  /** `hidden` and `held` are said to the author and the creator; a place alone is `deleted` or `unseen`. */
  state: 'shown' | 'hidden' | 'held' | 'deleted' | 'unseen';
  parent: string | null;
  /** Handle of whom it answers, where that is not who said what it stands under. */
  answers: string | null;
  /** Whom it names: the handle as it is written, in lower case, and as it is now. */
  mentions: Record<string, string>;
  edited_at: string | null;
  editable_until: string | null;
  pinned: boolean;
  like_count: number;
  liked: boolean;
  reply_count: number;
}

export interface Comments {
  comments: Comment[];
  next: string | null;
  /** Whether the viewer made the video. */
  own: boolean;
}

export type TellingKind =
  | 'follow'
  | 'follow_request'
  | 'accepted'
  | 'like'
  | 'comment'
  | 'reply'
  | 'mention'
  | 'comment_like'
  | 'video_ready'
  | 'video_failed'
  | 'decision';

export interface InboxEntry {
  id: string;
  kind: TellingKind;
  people: Person[];
  count: number;
  video: { id: string; title: string; poster_url: string | null } | null;
  comment: string | null;
  said: string;
  decision: string | null;
  action: string | null;
  changed_at: string;
  unread: boolean;
}

export interface Inbox {
  entries: InboxEntry[];
  next: string | null;
  unread: number;
}

export interface Profile {
  id: string;
  handle: string;
  name: string;
  follower_count: number;
  following_count: number;
  video_count: number;
  following: boolean;
  blocked: boolean;
  self: boolean;
  /** Only whom they accepted sees their videos. */
  private: boolean;
  /** The viewer asked to follow, and has no answer yet. */
  requested: boolean;
}

export interface FollowRequest {
  handle: string;
  name: string;
  asked_at: string;
}

/** What holds for one's own account. */
export interface Protections {
  age_band: 'minor' | 'adult';
  private: boolean;
  private_by_choice: boolean;
  messages_from: 'anyone' | 'mutual';
  /** Local hours in which nothing is pushed. */
  quiet_from: number | null;
  quiet_until: number | null;
  daily_limit_minutes: number | null;
  used_minutes: number;
  /** Videos on harmful themes are capped. */
  theme_cap: boolean;
  sensitive_profiled: boolean;
  guardian: string | null;
  age_proof: 'adult' | 'minor' | null;
  age_proof_offered: boolean;
}

/** What guards one's own account, and where one is signed in. */
export interface Security {
  has_password: boolean;
  second_factor: boolean;
  recovery_codes_left: number;
  sessions: SignedIn[];
  /** The newest first. */
  changes: { what: SecurityChange; at: string }[];
}

export interface SignedIn {
  id: string;
  /** The browser that asks. */
  here: boolean;
  since: string;
  used_at: string;
  /** As "Firefox, Linux"; empty where it is not known. */
  agent: string;
}

export type SecurityChange =
  | 'password_changed'
  | 'password_reset'
  | 'second_factor_on'
  | 'second_factor_off'
  | 'recovery_code_used'
  | 'sessions_ended'
  | 'signed_in_by_link';

/** A minor that a guardian looks after. */
export interface Ward {
  handle: string;
  name: string;
  daily_limit_minutes: number;
  used_minutes: number;
  since: string;
}

export interface Reason {
  code: string;
  text: string;
  retry: boolean;
}

export interface Sound {
  id: string;
  /** Empty: "original sound", in whatever language. */
  title: string;
  /** Handle of whom to credit. */
  creator: string;
}

export interface SoundPage {
  sound: Sound;
  usable: boolean;
  /** The video that it came with, if it is listed. */
  original: string | null;
  video_count: number;
  videos: Video[];
  next: string | null;
}

export interface OwnVideo {
  id: string;
  title: string;
  alt_text: string;
  state: 'uploaded' | 'processing' | 'ready' | 'failed' | 'removed';
  reason: Reason | null;
  poster_url: string | null;
  created_at: string;
  step: UploadStep;
  progress: number | null;
  renditions: unknown[];
  /** Stills that may become the poster, in the order of time. */
  covers: { name: string; url: string; chosen: boolean }[];
  captions: Captions[];
  sound: Sound | null;
  /** Whether others may use its sound; null where that is somebody else's, or there is none. */
  sound_shared: boolean | null;
  /** What became of listening to it; null where this place cannot. */
  speech: 'none' | 'waiting' | 'written' | 'silent' | 'kept' | 'failed' | null;
  provenance: Provenance | null;
}

export type UploadState = 'receiving' | 'duplicate' | 'uploaded' | 'processing' | 'ready' | 'failed';
export type UploadStep = 'receiving' | 'received' | 'checked' | 'picture' | 'playable' | 'complete';

/** Where one upload is; `share` is the part of the way to the next step that is done. */
export interface UploadNews {
  upload: string;
  video: string | null;
  title: string;
  step: UploadStep | 'duplicate' | 'failed';
  share: number;
  received_bytes: number;
  size_bytes: number;
  duplicate_of: string | null;
  reason: Reason | null;
}

/** What may still be uploaded within the running 24 hours. */
export interface UploadRoom {
  uploads_left: number;
  bytes_left: number;
  more_at: string | null;
}

export type ReportKind = 'video' | 'comment' | 'account' | 'note';

export type ReportReason =
  | 'illegal'
  | 'violence'
  | 'sexual'
  | 'minor_safety'
  | 'hate'
  | 'harassment'
  | 'self_harm'
  | 'spam'
  | 'copyright'
  | 'other';

export interface AdminReport {
  id: string;
  kind: ReportKind;
  target: string;
  /** Of a comment what it said when it was reported last. */
  target_text: string;
  edited_to: string | null;
  poster_url: string | null;
  target_url: string | null;
  reason: ReportReason;
  note: string | null;
  count: number;
  created_at: string;
  state: string;
  decision: { action: string; reason: string; by: string | null; at: string } | null;
}

export interface AdminStatus {
  counts: Record<string, number>;
  processes?: Record<string, unknown>[];
  demo?: { made: number; wanted: number } | null;
}

export type SearchKind = 'videos' | 'people' | 'hashtags' | 'sounds';

export interface SearchPage {
  videos: Video[];
  people: { id: string; handle: string; name: string }[];
  hashtags: { tag: string; videos: number }[];
  sounds: Sound[];
  next: string | null;
  alike: boolean;
}

export interface Suggestion {
  kind: 'person' | 'hashtag' | 'sound';
  text: string;
  id: string | null;
  name: string;
}

export type Context = 'feed' | 'following' | 'link' | 'profile' | 'search' | 'sound';

export type Happening =
  | { kind: 'shown'; video: string }
  | {
      kind: 'watch';
      video: string;
      play: number;
      watched_ms: number;
      duration_ms: number;
      loops: number;
      foreground_ms: number;
    }
  | { kind: 'share'; video: string; via: 'copy' | 'system' }
  | { kind: 'profile_open'; creator: string }
  | { kind: 'not_interested' | 'interested_again'; target: Disliked; id: string };

export type Disliked = 'video' | 'creator' | 'sound' | 'hashtag';
export type MuteTarget = 'word' | 'creator' | 'sound' | 'hashtag' | 'language';

/** Something that was refused or muted; without a name where it is not there any more. */
export interface Named {
  target: Disliked | MuteTarget;
  id: string;
  name: string | null;
  handle: string | null;
  poster_url: string | null;
}

export interface Mute {
  mute: string;
  since: string;
  what: Named;
}

export interface Watched {
  video: string;
  at: string;
  watched_ms: number;
  duration_ms: number;
  title: string | null;
  handle: string | null;
  poster_url: string | null;
}

export type ViewerEvent = Happening & {
  sequence: number;
  at_ms: number;
  context: Context;
  impression?: string;
};

export interface CaseTarget {
  handle: string;
  /** Of a comment what it said when the case was opened. */
  words: string;
  edited_to: string | null;
  url: string | null;
  poster_url: string | null;
  media_url: string | null;
  created_at: string;
}

/** A case as it stands in the queue. */
export interface QueueEntry {
  id: string;
  kind: ReportKind;
  target: string;
  harm: number;
  reach: number;
  confidence: number;
  trusted: boolean;
  opened_at: string;
  claimed_by: string | null;
  blind: boolean;
  proposed: boolean;
  reasons: Partial<Record<ReportReason, number>>;
  labels: string[];
  about: CaseTarget | null;
}

export interface Rest {
  seen_today: number;
  per_day: number;
  until: string | null;
}

export interface PolicyRule {
  name: string;
  when: string[];
  do: string;
  on: ReportKind[];
  harm: number;
  hours: number | null;
  words: Record<string, string>;
}

export interface PastDecision {
  action: string;
  reason: string;
  rule: string | null;
  by: string | null;
  at: string;
  reversed: boolean;
}

export interface AccountStanding {
  points: number;
  strikes: number;
  next_step: number | null;
  first_forgotten_at: string | null;
}

export interface CaseDetail {
  entry: QueueEntry;
  labels: { label: string; source: string; confidence: number; evidence: Record<string, unknown> }[];
  notes: { reason: ReportReason; words: string; trusted: boolean; signed_in: boolean; at: string }[];
  claims: { name: string; contact: string; work: string }[];
  history: PastDecision[];
  standing: AccountStanding;
  other_cases: number;
  opinions: (PastDecision & { stage: string; hours: number | null })[];
  needs_second: boolean;
}

export interface WaitingAppeal {
  id: string;
  side: 'affected' | 'reporter';
  words: string;
  made_at: string;
  mine: boolean;
  kind: ReportKind;
  decision: PastDecision;
  about: CaseTarget | null;
}

export interface WaitingCounter {
  decision: string;
  words: string;
  made_at: string;
  restore_at: string;
  video: string;
}

export interface AppealState {
  made_at: string;
  outcome: 'upheld' | 'reversed' | null;
  answer: string | null;
  decided_at: string | null;
}

/** A decision, told to whom it concerns. */
export interface DecisionNotice {
  decision: string;
  kind: ReportKind;
  target: string;
  title: string;
  action: string;
  reach: number | null;
  words: Record<string, string>;
  reason: string;
  basis: string | null;
  illegal: boolean;
  automated: boolean;
  labels: { label: string; source: string }[];
  reported_for: ReportReason[];
  claims: { name: string; work: string }[];
  decided_at: string;
  ends_at: string | null;
  reversed: boolean;
  appeal_until: string | null;
  appeal: AppealState | null;
  counter_notice: { made_at: string; restore_at: string; settled: boolean; kept_reason: string | null } | null;
  may_counter: boolean;
  strike: number;
}

export interface DecisionNotices {
  decisions: DecisionNotice[];
  standing: AccountStanding;
  dispute_body: string;
}

export interface ReportAnswer {
  report: string;
  kind: ReportKind;
  target: string;
  reason: ReportReason;
  made_at: string;
  decision: string | null;
  action: string | null;
  decided_at: string | null;
  reversed: boolean;
  appeal_until: string | null;
  appeal: AppealState | null;
}

/** What another policy would change. */
export interface DryRun {
  before: string;
  after: string;
  looked_at: number;
  changed: number;
  /** Action → how many it would reach; with `?` where a person is asked. */
  beginning: Record<string, number>;
  ending: Record<string, number>;
  changes: { kind: string; target: string; before: string[]; after: string[] }[];
}
