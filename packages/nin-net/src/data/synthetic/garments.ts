/**
 * Ten kinds of garments as stacks of polygons, one function a class, in the order of Fashion-MNIST's labels.
 * Sizes are in pixels from the middle of a 28x28 image; every one of them varies.
 */

import type { Point } from "./canvas.ts";
import type { RandomValues } from "./random-values.ts";

/** A polygon of a garment. */
export interface GarmentPart {
  readonly outline: readonly Point[];
  /** Brightness as a multiple of the cloth's; 0 is a hole. */
  readonly shade: number;
}

type Garment = (random: RandomValues) => GarmentPart[];

const tShirt: Garment = (random) => {
  const torso = drawTorso(random, { length: random.between(17, 23), width: random.between(5, 7.5) });
  return [shortSleeved(random, torso), neckline(torso, random.between(1.2, 4))];
};

const trouser: Garment = (random) => {
  const top = random.between(-13, -12);
  const bottom = random.between(11, 13.5);
  const waist = random.between(3, 4.6);
  const ankle = random.between(3.2, 6.5);
  const legs = mirrored([
    [waist, top],
    [waist + random.between(0.3, 1.6), top + random.between(4, 7)],
    [ankle, bottom],
    [ankle - random.between(2, 3.4), bottom],
    [0.15, top + random.between(6, 11)],
  ]);
  return [
    { outline: legs, shade: 1 },
    { outline: box(-waist, top, waist, top + 1.5), shade: random.between(0.6, 1.2) },
  ];
};

const pullover: Garment = (random) => {
  const torso = drawTorso(random, { length: random.between(18, 23), width: random.between(5, 7) });
  return [
    longSleeved(random, torso),
    {
      outline: ellipse(0, torso.top + 0.3, torso.neck, random.between(1, 2)),
      shade: random.between(0.4, 0.75),
    },
    {
      outline: box(-torso.width, torso.bottom - 1.5, torso.width, torso.bottom),
      shade: random.between(0.7, 1.1),
    },
  ];
};

const dress: Garment = (random) => {
  const top = random.between(-13.5, -12);
  const bottom = random.between(11, 13.5);
  const shoulder = random.between(2.6, 4.5);
  const waist = random.between(2.2, 3.8);
  const waistHeight = random.between(-5, 0);
  const parts: GarmentPart[] = [];
  if (random.chance(0.4)) {
    const reach = shoulder + random.between(1.5, 4);
    const sleeve: Point[] = [
      [shoulder - 1, top],
      [reach, top + random.between(3, 8)],
      [reach - 1.6, top + 9],
      [waist, top + 5],
    ];
    parts.push({ outline: mirrored(sleeve), shade: 0.95 });
  }
  const body = mirrored([
    [shoulder * 0.45, top],
    [shoulder, top + 0.6],
    [shoulder * 0.85, top + 4],
    [waist, waistHeight],
    [random.between(3.2, 8), bottom],
  ]);
  parts.push({ outline: body, shade: 1 });
  parts.push({ outline: ellipse(0, top, shoulder * 0.6, random.between(1, 4)), shade: 0 });
  if (random.chance(0.5))
    parts.push({ outline: box(-waist, waistHeight - 0.6, waist, waistHeight + 0.6), shade: 0.6 });
  return parts;
};

const coat: Garment = (random) => {
  const torso = drawTorso(random, { length: random.between(22, 26), width: random.between(5.5, 7.5) });
  const { top, bottom, neck } = torso;
  const gap = random.between(0.25, 0.7);
  const lapel = top + random.between(5, 11);
  return [
    longSleeved(random, torso),
    { outline: box(-gap, top + 1, gap, bottom), shade: random.between(0, 0.35) },
    {
      outline: mirrored([
        [neck, top],
        [neck + 1.2, top + 2.5],
        [gap, lapel],
      ]),
      shade: random.between(0.55, 0.8),
    },
    ...pockets(random, torso),
  ];
};

const sandal: Garment = (random) => {
  const rise = random.between(0, 8);
  const ground = random.between(4, 8);
  const thick = random.between(1, 2.4);
  const toe: Point = [random.between(-13, -11), ground];
  const heel: Point = [random.between(10, 13), ground - rise];
  const ball: Point = [random.between(-6, -3), ground];
  const parts: GarmentPart[] = [
    {
      outline: [
        toe,
        ball,
        [heel[0] - 5, heel[1]],
        heel,
        [heel[0], heel[1] + thick],
        [heel[0] - 5, heel[1] + thick],
        [ball[0], ground + thick],
        [toe[0], ground + thick],
      ],
      shade: 1,
    },
  ];
  if (rise > 2.5) {
    const slim = random.between(0.8, 3);
    parts.push({ outline: box(heel[0] - slim, heel[1], heel[0], ground + thick), shade: 0.9 });
  }
  const straps = Math.floor(random.between(2, 5));
  const tops: Point[] = [];
  for (let i = 0; i < straps; i++) {
    const foot = toe[0] + 2 + ((heel[0] - toe[0] - 5) * i) / straps;
    const base = foot < ball[0] ? ground : ground - rise * ((foot - ball[0]) / (heel[0] - ball[0]));
    const height = random.between(3, 5) + i * random.between(0.3, 1.4);
    const lean = random.between(1, 4);
    const band = random.between(0.8, 1.7);
    tops.push([foot + lean, base - height]);
    parts.push({
      outline: [
        [foot, base],
        [foot + lean, base - height],
        [foot + lean + band, base - height],
        [foot + band + 0.4, base],
      ],
      shade: random.between(0.7, 1.15),
    });
  }
  if (random.chance(0.7)) {
    const instep = [...tops, ...tops.map(([x, y]): Point => [x + 1.2, y + 1.2]).reverse()];
    parts.push({ outline: instep, shade: random.between(0.7, 1.15) });
  }
  if (random.chance(0.6)) {
    const strap = heel[1] - random.between(4, 7);
    parts.push({ outline: box(heel[0] - 6, strap, heel[0], strap + 1.2), shade: 0.9 });
    parts.push({ outline: box(heel[0] - 1.2, strap, heel[0], heel[1]), shade: 0.9 });
  }
  return parts;
};

const shirt: Garment = (random) => {
  const torso = drawTorso(random, { length: random.between(19, 24), width: random.between(4.8, 7) });
  const { top, bottom, neck } = torso;
  const parts = [
    random.chance(0.6) ? longSleeved(random, torso) : shortSleeved(random, torso),
    neckline(torso, random.between(1, 2.5)),
    {
      outline: mirrored([
        [neck, top - 0.6],
        [neck + 0.6, top + 2.4],
        [0.4, top + random.between(2, 4)],
      ]),
      shade: random.between(0.7, 1.25),
    },
    { outline: box(-0.5, top + 3, 0.5, bottom), shade: random.between(0.65, 0.85) },
  ];
  const button = random.between(1.15, 1.4);
  for (let y = top + 5; y < bottom - 2; y += 3.5) {
    parts.push({ outline: box(-0.5, y, 0.5, y + 1), shade: button });
  }
  return parts;
};

const sneaker: Garment = (random) => {
  const ground = random.between(5, 7.5);
  const sole = ground - random.between(1.5, 3);
  const top = sole - random.between(6, 9);
  const toe = random.between(-13, -11.5);
  const heel = random.between(11, 13);
  const tongue = random.between(0, 3);
  const parts: GarmentPart[] = [
    {
      outline: [
        [toe, sole],
        [toe + 1, sole - random.between(2, 3.2)],
        [-5, sole - random.between(3.5, 5)],
        [tongue, top],
        [tongue + 2.2, top - 0.4],
        [tongue + 4, top + 2],
        [heel - 2, top + random.between(0, 1.6)],
        [heel, sole],
      ],
      shade: 1,
    },
    { outline: box(toe - 0.4, sole, heel + 0.4, ground), shade: random.between(0.4, 1.4) },
  ];
  if (random.chance(0.7)) {
    const shade = random.between(0.4, 1.5);
    const start = random.between(-3, 2);
    for (let i = 0; i < Math.floor(random.between(1, 4)); i++) {
      const x = start + i * 2;
      parts.push({
        outline: [
          [x, sole],
          [x + 2.5, sole - 4],
          [x + 3.5, sole - 4],
          [x + 1, sole],
        ],
        shade,
      });
    }
  }
  return parts;
};

const bag: Garment = (random) => {
  const top = random.between(-6, 0);
  const bottom = random.between(8, 12);
  const upper = random.between(7, 12);
  const lower = upper + random.between(-2, 1.5);
  const reach = random.between(3, upper - 1);
  const rise = Math.min(random.between(3, 11), top + 13.5);
  const band = random.between(0.8, 1.8);
  const parts: GarmentPart[] = [
    { outline: ellipse(0, top, reach, rise), shade: random.between(0.7, 1.1) },
    { outline: ellipse(0, top, reach - band, rise - band), shade: 0 },
    {
      outline: mirrored([
        [upper - 0.8, top],
        [upper, top + 0.8],
        [lower, bottom - 0.8],
        [lower - 0.8, bottom],
      ]),
      shade: 1,
    },
  ];
  if (random.chance(0.6)) {
    const flap = top + random.between(3, 6);
    parts.push({ outline: box(-upper + 0.5, top + 0.5, upper - 0.5, flap), shade: random.between(0.7, 1.2) });
    parts.push({ outline: box(-1, flap - 1, 1, flap + 1), shade: 1.4 });
  }
  return parts;
};

const ankleBoot: Garment = (random) => {
  const ground = random.between(9, 12);
  const heelHeight = random.between(1.2, 6);
  const foot = ground - random.between(1, 2);
  const top = random.between(-13, -7);
  const toe = random.between(-13, -11);
  const heel = random.between(9, 12.5);
  const shaft = random.between(-2, 2);
  const instep = Math.min(foot - heelHeight, foot - 1);
  const parts: GarmentPart[] = [
    {
      outline: [
        [toe, foot],
        [toe + 0.6, foot - random.between(2, 3.4)],
        [-5, foot - random.between(4, 6)],
        [shaft, foot - random.between(8, 10)],
        [shaft + random.between(-1, 0.5), top],
        [heel - 0.8, top],
        [heel - 0.3, instep - 4],
        [heel, instep],
        [3, instep + 0.5],
        [-3, foot],
      ],
      shade: 1,
    },
    { outline: box(toe, foot, -2, ground), shade: random.between(0.5, 0.9) },
    {
      outline: [
        [4, instep],
        [heel, instep],
        [heel - 0.5, ground],
        [heel - random.between(2, 5), ground],
      ],
      shade: random.between(0.5, 0.9),
    },
  ];
  if (random.chance(0.5)) parts.push({ outline: box(shaft, top, heel - 0.8, top + 1.6), shade: 0.7 });
  if (random.chance(0.4)) {
    parts.push({ outline: box(shaft + 4, top + 1, shaft + 4.8, foot - 5), shade: 0.5 });
  }
  return parts;
};

/** A garment's parts, back to front, by label. */
export const garments: readonly Garment[] = [
  tShirt,
  trouser,
  pullover,
  dress,
  coat,
  sandal,
  shirt,
  sneaker,
  bag,
  ankleBoot,
];

/** Measures that all upper garments share. */
interface Torso {
  readonly top: number;
  readonly bottom: number;
  /** Half-widths. */
  readonly neck: number;
  readonly shoulder: number;
  readonly width: number;
}

function drawTorso(random: RandomValues, { length, width }: { length: number; width: number }): Torso {
  const top = -length / 2 + random.between(-0.5, 0.5);
  return {
    top,
    bottom: top + length,
    neck: random.between(1.8, 3.2),
    shoulder: width + random.between(0, 1),
    width,
  };
}

function shortSleeved(random: RandomValues, { top, bottom, neck, shoulder, width }: Torso): GarmentPart {
  const tip: Point = [Math.min(shoulder + random.between(3, 6), 13.5), top + random.between(6, 10)];
  const outline = mirrored([
    [neck, top],
    [shoulder, top + 1.6],
    tip,
    [tip[0] - random.between(2, 3.2), tip[1] + random.between(0.8, 2)],
    [width - 0.3, top + random.between(6, 8)],
    [width, bottom],
  ]);
  return { outline, shade: 1 };
}

function longSleeved(random: RandomValues, { top, bottom, neck, shoulder, width }: Torso): GarmentPart {
  const cuff: Point = [Math.min(width + random.between(4, 6.5), 13.5), bottom - random.between(0, 5)];
  const outline = mirrored([
    [neck, top],
    [shoulder, top + 1.6],
    [shoulder + 1.6, top + 5],
    cuff,
    [cuff[0] - random.between(2, 2.8), cuff[1] + 0.4],
    [width, top + random.between(7, 9)],
    [width, bottom],
  ]);
  return { outline, shade: 1 };
}

function neckline({ top, neck }: Torso, depth: number): GarmentPart {
  return { outline: ellipse(0, top, neck, depth), shade: 0 };
}

function pockets(random: RandomValues, { top, width }: Torso): GarmentPart[] {
  if (random.chance(0.4)) return [];
  const y = top + random.between(13, 17);
  return [-1, 1].map((side) => ({
    outline: box(side * width * 0.55 - 1.3, y, side * width * 0.55 + 1.3, y + 0.9),
    shade: 0.6,
  }));
}

/** The outline whose right half, from top to bottom, is given. */
function mirrored(right: readonly Point[]): Point[] {
  return [...right, ...right.map(([x, y]): Point => [-x, y]).reverse()];
}

function box(left: number, top: number, right: number, bottom: number): Point[] {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

function ellipse(x: number, y: number, width: number, height: number): Point[] {
  return Array.from({ length: 16 }, (_, i): Point => {
    const angle = (i / 16) * 2 * Math.PI;
    return [x + width * Math.cos(angle), y + height * Math.sin(angle)];
  });
}
