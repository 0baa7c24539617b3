export { NinError } from "./base/errors.ts";
