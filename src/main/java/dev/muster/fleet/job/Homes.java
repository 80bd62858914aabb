package dev.muster.fleet.job;

import dev.muster.fleet.spec.PoolSpec;
import dev.muster.kernel.store.Read;
import java.util.Optional;

/** Where jobs and pools are at home when appliances of several regions share the work. */
public interface Homes {
  /** Without other regions everything is ours. */
  Homes ALONE =
      new Homes() {
        @Override
        public Ownership of(Read read, JobFacts job) {
          return Ownership.OURS;
        }

        @Override
        public boolean keeps(PoolSpec pool) {
          return true;
        }

        @Override
        public Optional<String> hold(String environment) {
          return Optional.empty();
        }

        @Override
        public boolean leads() {
          return true;
        }

        @Override
        public boolean alone() {
          return true;
        }

        @Override
        public boolean standsIn() {
          return false;
        }
      };

  /** Whose a job is, whether it is known here or not. */
  Ownership of(Read read, JobFacts job);

  /** Whether this region keeps a pool's warm machines. */
  boolean keeps(PoolSpec pool);

  /** Why nothing may be launched or ended in an environment at the moment. */
  Optional<String> hold(String environment);

  /** Whether this region looks for what no webhook told of, since one is enough for that. */
  boolean leads();

  /** Whether there is no other region, so that what is not recorded here is recorded nowhere. */
  boolean alone();

  /** Whether this region stands in for a silent one, at whose address GitHub may deliver. */
  boolean standsIn();
}
