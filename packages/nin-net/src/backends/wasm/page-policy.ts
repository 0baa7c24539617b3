/** What a page's content security policy forbids. */

/** Browsers report what a policy forbids about when they report the consequence, in either order. */
const policyReportMs = 200;

/** A watch over one directive of the policy. */
export interface PolicyWatch {
  /** Whether the policy has forbidden something by the directive since the watch began. */
  wasBroken(): Promise<boolean>;
  stop(): void;
}

/** Notices whether the page's content security policy has forbidden something by a directive. */
export function watchPolicy(directive: string): PolicyWatch {
  let broken = () => {};
  const report = new Promise<true>((resolve) => {
    broken = () => resolve(true);
  });
  const listener = ({ effectiveDirective }: SecurityPolicyViolationEvent) => {
    if (effectiveDirective === directive) broken();
  };
  globalThis.addEventListener?.("securitypolicyviolation", listener);
  const patience = () =>
    new Promise<false>((resolve) => {
      setTimeout(() => resolve(false), policyReportMs);
    });
  return {
    wasBroken: () => Promise.race([report, patience()]),
    stop: () => globalThis.removeEventListener?.("securitypolicyviolation", listener),
  };
}
