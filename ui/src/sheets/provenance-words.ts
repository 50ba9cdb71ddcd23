import { currentLanguage } from '../messages/index.svelte';
import type { Provenance } from '../api/types';

/** Words for where a video is from: fetched with what shows them, and not before. */
interface ProvenanceWords {
  absent: string;
  elsewhere: string;
  signed: (issuer: string) => string;
  unknown: (issuer: string | null) => string;
  broken: Record<NonNullable<Provenance['problem']>, string>;
  ai: string;
  by: (generator: string) => string;
}

const en: ProvenanceWords = {
  absent: 'The file came without content credentials.',
  elsewhere: 'The file’s content credentials are kept elsewhere and were not fetched.',
  signed: (issuer) => `Content credentials by ${issuer}.`,
  unknown: (issuer) =>
    issuer ? `Content credentials by “${issuer}”, whom nobody here vouches for.` : 'Content credentials by someone unknown here.',
  broken: {
    changed: 'Its content credentials do not hold: the video was changed after it was signed.',
    altered: 'Its content credentials do not hold: they were changed after they were signed.',
    certificate: 'Its content credentials do not hold: their certificate is not valid.',
    history: 'Its content credentials do not hold: what it was made from does not fit.',
    unreadable: 'Its content credentials cannot be read.',
    elsewhere: 'Its content credentials cannot be read.',
  },
  ai: 'They say: made with AI.',
  by: (generator) => `Written by ${generator}.`,
};

const fr: ProvenanceWords = {
  absent: 'Le fichier est arrivé sans attestation d’origine.',
  elsewhere: 'L’attestation d’origine du fichier est ailleurs et n’a pas été demandée.',
  signed: (issuer) => `Origine attestée par ${issuer}.`,
  unknown: (issuer) =>
    issuer ? `Origine attestée par « ${issuer} », dont personne ici ne répond.` : 'Origine attestée par quelqu’un d’inconnu ici.',
  broken: {
    changed: 'L’attestation d’origine ne tient pas : la vidéo a été modifiée après la signature.',
    altered: 'L’attestation d’origine ne tient pas : elle a été modifiée après la signature.',
    certificate: 'L’attestation d’origine ne tient pas : son certificat n’est pas valide.',
    history: 'L’attestation d’origine ne tient pas : ce dont la vidéo est faite ne correspond pas.',
    unreadable: 'L’attestation d’origine est illisible.',
    elsewhere: 'L’attestation d’origine est illisible.',
  },
  ai: 'Elle dit : fait avec l’IA.',
  by: (generator) => `Écrite par ${generator}.`,
};

const all: Record<string, ProvenanceWords> = { en, fr };

/** Sentences about one verdict, the first the most important. */
export function sentences(verdict: Provenance): string[] {
  const words = all[currentLanguage()] ?? en;
  const { status, problem, issuer, generator, ai } = verdict;
  if (status === 'absent') return [problem === 'elsewhere' ? words.elsewhere : words.absent];
  const told = [words.broken[problem ?? 'unreadable']];
  if (status === 'trusted') told[0] = words.signed(issuer ?? '…');
  if (status === 'unknown_issuer') told[0] = words.unknown(issuer);
  if (ai) told.push(words.ai);
  if (generator && status !== 'broken') told.push(words.by(generator));
  return told;
}
