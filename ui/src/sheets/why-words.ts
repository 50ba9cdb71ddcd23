import { currentLanguage } from '../messages/index.svelte';

/** Words for the numbers behind a video: fetched with their sheet, and not before. */
interface WhyWords {
  text: Record<string, string>;
  numbersTitle: string;
  noNumbers: string;
  factors: string;
  because: string;
  promise: string;
  check: string;
  number: Record<string, string>;
  expected: string;
  weighs: (version: number) => string;
}

const en: WhyWords = {
  text: {
    similar: 'It is close to videos you watched to the end.',
    alike: 'People whose taste is like yours are watching it.',
    rising: 'Many people here are watching it at the moment.',
    fresh: 'It is new, and its first viewers decide how far it goes.',
    explore: 'It is outside your usual taste on purpose, so that the feed does not close in on you.',
    followed: 'You follow its creator.',
    chosen: 'The people who run this place lent it something in the order, for a time. That is public.',
    again: 'You have seen everything else, so this one comes round again.',
  },
  numbersTitle: 'The numbers behind it',
  noNumbers: 'No numbers were needed for this one.',
  factors: '× 2 makes it twice as likely, × 0.5 half as likely. What overlaps is counted in each.',
  because: 'The video that spoke most for it',
  promise: 'Who you follow hardly counts. What you watch, finish and skip does.',
  check: 'Check this page',
  number: {
    similar: 'People who watch what you watch',
    content: 'Picture and sound you stay for',
    crowd: 'People of your taste watch it',
    popular: 'Much watched here now',
    quality: 'Watched through when shown',
    facts: 'Its creator and its length',
    worth: 'What else you may get from it',
    often: 'Less, as many were shown it',
    lent: 'Lent by the people who run this place',
    score: 'All together, against the middle one',
    propensity: 'Chance that the draw took it',
    chance_long: 'You watch it through',
    chance_watch: 'You stay longer than others do',
    chance_like: 'You like it',
    chance_share: 'You share it',
    chance_follow: 'You follow its creator',
    chance_skip: 'You skip it',
    chance_dislike: 'You do not want it',
  },
  expected: 'What is expected of you',
  weighs: (version) => `With what each weighs in the order (version ${version} of the weights).`,
};

const fr: WhyWords = {
  text: {
    similar: 'Elle est proche de vidéos que vous avez regardées jusqu’au bout.',
    alike: 'Des gens dont les goûts ressemblent aux vôtres la regardent.',
    rising: 'Beaucoup de gens ici la regardent en ce moment.',
    fresh: 'Elle est toute nouvelle, et ses premiers spectateurs décident jusqu’où elle ira.',
    explore: 'Elle sort exprès de vos habitudes, pour que le fil ne se referme pas sur vous.',
    followed: 'Vous suivez son auteur.',
    chosen: 'Les responsables de ce lieu lui ont prêté un avantage pour un temps. C’est public.',
    again: 'Vous avez vu tout le reste ; celle-ci revient donc.',
  },
  numbersTitle: 'Les chiffres',
  noNumbers: 'Aucun chiffre n’a été nécessaire ici.',
  factors: '× 2 double ses chances, × 0,5 les divise par deux. Ce qui se recoupe compte dans chacun.',
  because: 'La vidéo qui a le plus compté',
  promise: 'Les comptes que vous suivez ne comptent guère. Ce que vous regardez, finissez ou passez, si.',
  check: 'Vérifier cette page',
  number: {
    similar: 'Les gens qui regardent comme vous',
    content: 'L’image et le son qui vous retiennent',
    crowd: 'Vue par des gens de votre goût',
    popular: 'Très regardée ici en ce moment',
    quality: 'Regardée en entier une fois montrée',
    facts: 'Son auteur et sa durée',
    worth: 'Ce qu’elle peut vous apporter d’autre',
    often: 'Moins, car souvent montrée',
    lent: 'Prêté par les responsables de ce lieu',
    score: 'En tout, face à celle du milieu',
    propensity: 'Chance que le tirage la prenne',
    chance_long: 'Vous la regardez en entier',
    chance_watch: 'Vous restez plus que les autres',
    chance_like: 'Vous l’aimez',
    chance_share: 'Vous la partagez',
    chance_follow: 'Vous suivez son auteur',
    chance_skip: 'Vous la passez',
    chance_dislike: 'Vous n’en voulez pas',
  },
  expected: 'Ce que l’on attend de vous',
  weighs: (version) => `Avec le poids de chacun dans l’ordre (version ${version} des poids).`,
};

const all: Record<string, WhyWords> = { en, fr };
export const whyWords = () => all[currentLanguage()] ?? en;
