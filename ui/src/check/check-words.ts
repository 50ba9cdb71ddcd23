import { currentLanguage } from '../messages/index.svelte';
import type { Given, StepName } from './check';

/** Words of the check of a page: fetched with it, and not before. */
interface CheckWords {
  title: string;
  checking: string;
  right: string;
  almost: string;
  wrong: string;
  again: string;
  step: Record<StepName, string>;
  says: Record<string, (given: Given) => string>;
  states: { right: string; wrong: string; unknown: string };
  recorded: string;
  facts: (candidates: string, slots: number, recipe: string, when: string, epoch: string) => string;
  chances: string;
  arm: Record<string, string>;
  keep: string;
  save: string;
  auditor: string;
  command: string;
  what: string;
  link: string;
}

const number = (value = 0) => new Intl.NumberFormat(currentLanguage()).format(value);

const en: CheckWords = {
  title: 'Check this page',
  checking: 'Checking, here in your browser …',
  right: 'This page stands in the public record.',
  almost: 'Nothing is wrong, but not everything could be checked here.',
  wrong: 'Something is wrong.',
  again: 'Check again',
  states: { right: 'Right', wrong: 'Wrong', unknown: 'Not known' },
  step: {
    receipt: 'The receipt',
    included: 'Its place',
    signed: 'The signature',
    origin: 'Whose record',
    key: 'The key',
    grew: 'Since last time',
    shown: 'What you saw',
  },
  says: {
    receipt: ({ place }) => `This place gave a receipt: your page is entry ${number(place)}.`,
    unreadable: () => 'What this place gave as a receipt cannot be read.',
    notYours: () => 'There is no such page of yours, or it is not kept any more.',
    denied: () => 'This place says that there is no such page of yours, though you were shown it here.',
    noProof: () => 'This place cannot prove that the page is in its record: what it keeps is not what it signed.',
    neverLogged: () => 'This page did not come into the record, though it should have within a second.',
    unreachable: () => 'This place cannot be reached at the moment.',
    included: ({ size }) => `Its fingerprint leads to the seal over all ${number(size)} entries.`,
    notIncluded: () => 'Its fingerprint does not lead to the seal: the page, or the record, was altered.',
    signed: ({ now }) => `The seal is signed with the key ${now}.`,
    badSignature: () => 'The seal is not signed with the key that this place shows.',
    cannotSee: () =>
      isSecureContext
        ? 'This browser cannot check such signatures (Ed25519). An auditor can, with the proof below.'
        : 'Browsers check signatures only on secure pages (https), and this is none. An auditor can, with the proof below.',
    origin: ({ origin }) => `It is the record ${origin}, and the key is of that name.`,
    otherOrigin: ({ origin, name }) => `The receipt is of the record ${origin}, but the key is that of ${name}.`,
    otherKey: ({ now, before }) =>
      `The key is another one than last time: ${now}, and it was ${before}. That is so after a restore from a backup; then this place should say it.`,
    firstTime: ({ size }) => `You look for the first time. This browser remembers ${number(size)} entries from now on.`,
    asBefore: ({ size }) => `It is as you saw it last, with ${number(size)} entries.`,
    grew: ({ old, size }) => `It only grew, from ${number(old)} to ${number(size)} entries; nothing before was changed.`,
    rewound: ({ old, size }) => `The record was rewound: you saw ${number(old)} entries, and now there are ${number(size)}.`,
    twoViews: ({ size }) => `There are two views of the record: another one of the same ${number(size)} entries than you saw last.`,
    forked: ({ old }) => `The record forked: it does not begin any more with the ${number(old)} entries that you saw last.`,
    noTiles: ({ old }) => `What proves that it still begins with the ${number(old)} entries you saw could not be fetched.`,
    shown: ({ count }) => `The ${number(count)} videos of the page are those of the record, in its order.`,
    leftOut: ({ count, fewer }) =>
      `They are the ${number(count)} videos of the record, but for ${number(fewer)} that you do not want and this browser left out.`,
    otherVideos: () => 'The videos that you were shown are not those that were recorded.',
    notHere: ({ count }) => `The record has ${number(count)} videos. What was shown is not known in this tab.`,
    noRecord: () => 'What was recorded cannot be read.',
  },
  recorded: 'What was recorded',
  facts: (candidates, slots, recipe, when, epoch) =>
    `${when}: out of ${candidates} candidates, ${slots} were drawn, by the recipe “${recipe}” and what the place had learned until then (epoch ${epoch}).`,
  chances: 'By which rule each was drawn, and how likely that was:',
  arm: {
    exploit: 'your taste',
    turn: 'what you turn to',
    explore: 'on purpose outside your taste',
    trial: 'new, on trial',
    followed: 'somebody you follow',
    audit: 'by pure chance',
    again: 'seen before',
  },
  keep: 'Take it with you',
  save: 'Save the proof',
  auditor: 'Whoever gets this file and the key can check it without this place and without its software:',
  command: 'The command',
  what: 'The file holds the record of your page: give it only to those who may read it.',
  link: 'This check as a page',
};

const fr: CheckWords = {
  title: 'Vérifier cette page',
  checking: 'Vérification, ici dans votre navigateur…',
  right: 'Cette page figure au registre public.',
  almost: 'Rien ne cloche, mais tout n’a pas pu être vérifié ici.',
  wrong: 'Quelque chose ne va pas.',
  again: 'Vérifier à nouveau',
  states: { right: 'Juste', wrong: 'Faux', unknown: 'Inconnu' },
  step: {
    receipt: 'Le reçu',
    included: 'Sa place',
    signed: 'La signature',
    origin: 'Le registre de qui',
    key: 'La clé',
    grew: 'Depuis la dernière fois',
    shown: 'Ce que vous avez vu',
  },
  says: {
    receipt: ({ place }) => `Ce lieu a donné un reçu : votre page est l’entrée ${number(place)}.`,
    unreadable: () => 'Ce que ce lieu a donné comme reçu est illisible.',
    notYours: () => 'Aucune de vos pages ne porte ce nom, ou elle n’est plus conservée.',
    denied: () => 'Ce lieu dit que vous n’avez pas de telle page, alors qu’elle vous a été montrée ici.',
    noProof: () => 'Ce lieu ne peut prouver que la page est à son registre : ce qu’il garde n’est pas ce qu’il a signé.',
    neverLogged: () => 'Cette page n’est pas entrée au registre ; elle aurait dû l’être en une seconde.',
    unreachable: () => 'Ce lieu est injoignable pour le moment.',
    included: ({ size }) => `Son empreinte mène au sceau de l’ensemble des ${number(size)} entrées.`,
    notIncluded: () => 'Son empreinte ne mène pas au sceau : la page, ou le registre, a été modifiée.',
    signed: ({ now }) => `Le sceau est signé de la clé ${now}.`,
    badSignature: () => 'Le sceau n’est pas signé de la clé que montre ce lieu.',
    cannotSee: () =>
      isSecureContext
        ? 'Ce navigateur ne sait pas vérifier ces signatures (Ed25519). Un auditeur le peut, avec la preuve ci-dessous.'
        : 'Les navigateurs ne vérifient les signatures que sur des pages sûres (https), et celle-ci n’en est pas une. Un auditeur le peut, avec la preuve ci-dessous.',
    origin: ({ origin }) => `C’est le registre ${origin}, et la clé porte ce nom.`,
    otherOrigin: ({ origin, name }) => `Le reçu est du registre ${origin}, mais la clé est celle de ${name}.`,
    otherKey: ({ now, before }) =>
      `La clé n’est plus celle de la dernière fois : ${now} au lieu de ${before}. C’est le cas après une restauration ; ce lieu devrait alors le dire.`,
    firstTime: ({ size }) => `C’est votre première fois. Ce navigateur retient désormais ${number(size)} entrées.`,
    asBefore: ({ size }) => `Il est tel que vous l’avez vu, avec ${number(size)} entrées.`,
    grew: ({ old, size }) => `Il n’a fait que croître, de ${number(old)} à ${number(size)} entrées ; rien d’ancien n’a changé.`,
    rewound: ({ old, size }) => `Le registre a reculé : vous aviez vu ${number(old)} entrées, il n’y en a plus que ${number(size)}.`,
    twoViews: ({ size }) => `Il y a deux versions du registre : ces ${number(size)} entrées ne sont pas celles que vous aviez vues.`,
    forked: ({ old }) => `Le registre a bifurqué : il ne commence plus par les ${number(old)} entrées que vous aviez vues.`,
    noTiles: ({ old }) => `Ce qui prouve qu’il commence encore par les ${number(old)} entrées vues n’a pas pu être chargé.`,
    shown: ({ count }) => `Les ${number(count)} vidéos de la page sont celles du registre, dans le même ordre.`,
    leftOut: ({ count, fewer }) =>
      `Ce sont les ${number(count)} vidéos du registre, sauf ${number(fewer)} dont vous ne voulez pas et que ce navigateur a écartées.`,
    otherVideos: () => 'Les vidéos que vous avez vues ne sont pas celles qui ont été inscrites.',
    notHere: ({ count }) => `Le registre compte ${number(count)} vidéos. Cet onglet ne sait pas ce qui a été montré.`,
    noRecord: () => 'Ce qui a été inscrit est illisible.',
  },
  recorded: 'Ce qui a été inscrit',
  facts: (candidates, slots, recipe, when, epoch) =>
    `${when} : parmi ${candidates} candidates, ${slots} ont été tirées, selon la recette « ${recipe} » et ce que le lieu avait appris (époque ${epoch}).`,
  chances: 'Selon quelle règle chacune a été tirée, et avec quelle chance :',
  arm: {
    exploit: 'vos goûts',
    turn: 'ce vers quoi vous allez',
    explore: 'exprès hors de vos goûts',
    trial: 'nouvelle, à l’essai',
    followed: 'quelqu’un que vous suivez',
    audit: 'au pur hasard',
    again: 'déjà vue',
  },
  keep: 'L’emporter',
  save: 'Enregistrer la preuve',
  auditor: 'Qui reçoit ce fichier et la clé peut le vérifier sans ce lieu et sans son logiciel :',
  command: 'La commande',
  what: 'Le fichier contient l’inscription de votre page : ne le donnez qu’à qui peut la lire.',
  link: 'Cette vérification en page',
};

const all: Record<string, CheckWords> = { en, fr };
export const checkWords = () => all[currentLanguage()] ?? en;
