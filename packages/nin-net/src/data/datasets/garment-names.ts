/** The classes of Fashion-MNIST; a label is an index into them. */
export const garmentNames = [
  "t-shirt",
  "trouser",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "ankle boot",
] as const;
