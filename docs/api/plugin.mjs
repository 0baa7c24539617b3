/** What TypeDoc is told about this project, beyond typedoc.json. */
import {
  Application,
  Comment,
  CommentTag,
  Converter,
  makeRecursiveVisitor,
  PageEvent,
  ReferenceType,
  ReflectionKind,
  ReflectionType,
  UnknownType,
} from "typedoc";
import ts from "typescript";

/** What the pages call what a folder of the library's sources holds, in the order of the pages; the first that fits. */
const categories = [
  ["models/", "Networks"],
  ["nn/layers/", "Layers"],
  ["nn/losses", "Losses"],
  ["nn/initializers", "Initializers"],
  ["nn/", "Modules and parameters"],
  ["data/", "Data"],
  ["augment/", "Augmentation"],
  ["backends/", "Devices"],
  ["train/", "Training and evaluation"],
  ["optim/", "Optimizers and schedules"],
  ["ranks/", "Training by many processes"],
  ["inference/", "Prediction"],
  ["explain/", "Explanations and drawings"],
  ["interop/", "Weights and models of other programs"],
  ["core/", "Tensors, errors and settings"],
  ["graph/", "Graph and ops"],
  ["ops/", "Graph and ops"],
];

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    app.options.setValue("categoryOrder", [...new Set(categories.map(([, category]) => category)), "*"]);
  });
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, documentEntry);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const accessor of project.getReflectionsByKind(ReflectionKind.Accessor)) removeFromModule(accessor);
    for (const variable of project.getReflectionsByKind(ReflectionKind.Variable)) closeEntries(variable);
    for (const property of project.getReflectionsByKind(ReflectionKind.Property)) shorten(property);
    for (const exported of project.getReflectionsByKind(ReflectionKind.SomeExport)) categorize(exported);
  });
  // When those that their documentation names have these names.
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const parameter of project.getReflectionsByKind(ReflectionKind.Parameter)) nameUnpacked(parameter);
  });
  app.renderer.on(PageEvent.BEGIN, (page) => nameAnchors(app.renderer.router, page));
}

/**
 * The entry of a registry, `{ "cifar-10": cifar10 }`, has the documentation of its value; a setting, `{ gamma:
 * z.number().describe("...") }`, its description.
 */
function documentEntry(context, entry) {
  const [declaration] = context.getSymbolFromReflection(entry)?.declarations ?? [];
  if (declaration === undefined || entry.hasComment()) return;
  entry.comment =
    describedComment(declaration) ?? commentOf(context, valueNamedBy(context.checker, declaration));
}

function describedComment(declaration) {
  const call = ts.isPropertyAssignment(declaration) ? declaration.initializer : undefined;
  if (call === undefined || !ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression))
    return;
  if (call.expression.name.text !== "describe") return;
  const { text } = call.arguments[0];
  return new Comment([{ kind: "text", text: `${text[0].toUpperCase()}${text.slice(1)}.` }]);
}

function commentOf(context, value) {
  if (value === undefined) return undefined;
  return value.flags & ts.SymbolFlags.Function
    ? context.getSignatureComment(value.valueDeclaration)
    : context.getComment(value, ReflectionKind.Variable);
}

/** What a name in an object or a pattern stands for: a constant or a function, through imports and further objects. */
function valueNamedBy(checker, declaration) {
  const symbol = symbolNamedBy(checker, declaration);
  if (symbol === undefined) return undefined;
  const value = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return (value.valueDeclaration && valueNamedBy(checker, value.valueDeclaration)) ?? value;
}

function symbolNamedBy(checker, declaration) {
  if (ts.isShorthandPropertyAssignment(declaration)) {
    return checker.getShorthandAssignmentValueSymbol(declaration);
  }
  if (ts.isPropertyAssignment(declaration) && ts.isIdentifier(declaration.initializer)) {
    return checker.getSymbolAtLocation(declaration.initializer);
  }
  if (ts.isBindingElement(declaration)) {
    return checker.getTypeAtLocation(declaration.parent).getProperty(declaration.name.getText());
  }
  return undefined;
}

/** What an entry is made of is documented at its type: with it, the page of a registry would be as long as the source. */
function closeEntries(variable) {
  if (!(variable.type instanceof ReflectionType)) return;
  for (const entry of variable.type.declaration.children ?? []) {
    const parts = [];
    entry.type.visit(makeRecursiveVisitor({ reflection: (type) => void parts.push(type.declaration) }));
    if (parts.length === 0 || parts.some((part) => part.signatures !== undefined)) continue;
    for (const part of parts) entry.project.removeReflection(part);
    entry.type = entry.type instanceof ReferenceType ? withoutArguments(entry.type) : new UnknownType("…");
  }
}

function withoutArguments(type) {
  delete type.typeArguments;
  return type;
}

/** An accessor that an exported class inherits from one that is not stands beside it as well, without a page. */
function removeFromModule(accessor) {
  if (accessor.parent.kindOf(ReflectionKind.SomeModule)) accessor.project.removeReflection(accessor);
}

/** `NamedSettings` of a registry has all the registry's schemas as its argument. */
function shorten({ type, project }) {
  const parts = [];
  const reference = (inner) => {
    if (inner.name !== "NamedSettings") return;
    for (const argument of inner.typeArguments ?? []) {
      if (argument instanceof ReflectionType) parts.push([inner, argument.declaration]);
    }
  };
  type?.visit(makeRecursiveVisitor({ reference }));
  for (const [inner, part] of parts) {
    project.removeReflection(part);
    withoutArguments(inner);
  }
}

/** A parameter that a function takes apart at once has no name of its own: `options`, of type `TrainChOptions`. */
function nameUnpacked(parameter) {
  if (parameter.name === "__namedParameters") parameter.name = lastWordOf(parameter.type);
}

function lastWordOf(type) {
  if (!(type instanceof ReferenceType)) return "options";
  const isUtility = ["Omit", "Partial", "Pick", "Readonly"].includes(type.name);
  return isUtility ? lastWordOf(type.typeArguments[0]) : type.name.match(/[A-Z][a-z\d]*$/)[0].toLowerCase();
}

function categorize(exported) {
  const file = exported.project.getSymbolIdFromReflection(exported)?.packagePath ?? "";
  const [, category] = categories.find(([folder]) => file.startsWith(`src/${folder}`)) ?? [];
  if (category === undefined) return;
  for (const { comment } of [exported, ...(exported.signatures ?? [])]) {
    comment?.blockTags.push(new CommentTag("@category", [{ kind: "text", text: category }]));
  }
}

/** Links may lead to what the documents name by `<a id="...">`; TypeDoc itself knows headings only. */
function nameAnchors(router, { model }) {
  if (!model.isDocument?.()) return;
  const text = model.content.map((part) => part.text).join("");
  for (const [, id] of text.matchAll(/<a id="([^"]+)">/g)) router.getSlugger(model).slug(id);
}
