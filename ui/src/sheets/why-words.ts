/** Words for the numbers behind a video: fetched with their sheet, and not before. */
interface WhyWords {
  number: Record<string, string>;
  expected: string;
  weighs: (version: number) => string;
}

const en: WhyWords = {
  number: {
    similar: 'People who watch what you watch',
    content: 'Picture and sound you stay for',
    crowd: 'People of your taste watch it',
    popular: 'Much watched here now',
    quality: 'Watched through when shown',
    facts: 'Its creator and its length',
    worth: 'What else you may get from it',
    often: 'Less, as many were shown it',
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
  number: {
    similar: 'Les gens qui regardent comme vous',
    content: 'L’image et le son qui vous retiennent',
    crowd: 'Vue par des gens de votre goût',
    popular: 'Très regardée ici en ce moment',
    quality: 'Regardée en entier une fois montrée',
    facts: 'Son auteur et sa durée',
    worth: 'Ce qu’elle peut vous apporter d’autre',
    often: 'Moins, car souvent montrée',
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

export const whyWords: Record<string, WhyWords> = { en, fr };
