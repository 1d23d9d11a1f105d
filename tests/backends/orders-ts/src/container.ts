/** The parts of one running service, put together in one place. */

import type { Clock } from "./clock.js";
import { Limiter } from "./limits.js";
import { Metrics } from "./metrics.js";
import { Accounts } from "./services/accounts.js";
import { Catalogue } from "./services/catalogue.js";
import { Ordering } from "./services/ordering.js";
import type { Settings } from "./settings.js";
import { Orders } from "./store/orders.js";
import { Products } from "./store/products.js";
import { Users } from "./store/users.js";
import { TokenSigner } from "./tokens.js";

/** Everything that a route may ask for. */
export interface Container {
  readonly settings: Settings;
  readonly metrics: Metrics;
  readonly signer: TokenSigner;
  readonly limiter: Limiter;
  readonly accounts: Accounts;
  readonly catalogue: Catalogue;
  readonly ordering: Ordering;
}

/** Put a service together; nothing listens yet. */
export function build(settings: Settings, clock: Clock): Container {
  const metrics = new Metrics();
  const products = new Products();
  const signer = new TokenSigner(settings.secretKey, settings.tokenLifetimeSeconds, clock);
  const attempts = new Limiter(settings.limitWindowSeconds, clock);
  const accounts = new Accounts(new Users(), signer, attempts, clock, {
    passwordCost: settings.passwordCost,
    attemptLimit: settings.loginAttempts,
  });
  if (settings.admin !== null) {
    accounts.register(settings.admin.email, settings.admin.password, "admin");
  }
  return {
    settings,
    metrics,
    signer,
    limiter: new Limiter(settings.limitWindowSeconds, clock),
    accounts,
    catalogue: new Catalogue(products),
    ordering: new Ordering(new Orders(), products, metrics, clock),
  };
}
