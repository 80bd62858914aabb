package dev.muster.kernel.retention;

import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.SoleReconciler;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Looks once an hour; while there is more than a few steps' worth, comes back at once. */
public final class RetentionReconciler implements SoleReconciler {
  public static final WorkKey KEY = new WorkKey("retention", "rows");

  private static final Logger log = System.getLogger(RetentionReconciler.class.getName());
  private static final int STEP = 500;
  private static final int STEPS = 20;
  private static final Duration INTERVAL = Duration.ofHours(1);

  private final Writer writer;
  private final InstantSource clock;
  private final List<Expiry> expiries;

  public RetentionReconciler(Writer writer, InstantSource clock, List<Expiry> expiries) {
    this.writer = writer;
    this.clock = clock;
    this.expiries = List.copyOf(expiries);
  }

  @Override
  public WorkKey only() {
    return KEY;
  }

  @Override
  public Outcome reconcile(String key, Optional<TraceContext> trace) {
    boolean more = false;
    for (Expiry expiry : expiries) {
      more |= remove(expiry);
    }
    return new Outcome.RequeueAfter(more ? Duration.ofSeconds(1) : INTERVAL);
  }

  private boolean remove(Expiry expiry) {
    Instant before = clock.instant().minus(expiry.keep().get());
    int removed = 0;
    for (int step = 0; step < STEPS; step++) {
      int count = writer.write(Priority.HOUSEKEEPING, tx -> expiry.step().remove(tx, before, STEP));
      removed += count;
      if (count < STEP) {
        break;
      }
    }
    if (removed > 0) {
      log.log(
          Level.INFO, "Retention removed {0} {1} from before {2}", removed, expiry.what(), before);
    }
    return removed >= STEP * STEPS;
  }
}
