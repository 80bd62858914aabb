package dev.muster.kernel.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactionReconcilerTest {
  private static final Outcome AGAIN_IN_AN_HOUR = new Outcome.RequeueAfter(Duration.ofHours(1));
  private static final int MOST_VISITS = 10;

  @TempDir private Path folder;
  @AutoClose private StoreFixture store;
  private CompactionReconciler reconciler;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder);
    reconciler = new CompactionReconciler(store.database(), store.writer());
  }

  @Test
  void smallFileIsLookedAtOnceAnHour() {
    assertThat(visit()).isEqualTo(AGAIN_IN_AN_HOUR);
  }

  @Test
  void roomOfWhatWasRemovedIsGivenBack() {
    store.fill(6_000, 8 << 10);
    store.run(tx -> tx.update("delete from filled"));
    long before = store.database().sizeOnDisk();

    Outcome outcome = visit();
    for (int i = 0; i < MOST_VISITS && !outcome.equals(AGAIN_IN_AN_HOUR); i++) {
      assertThat(outcome).isEqualTo(new Outcome.RequeueAfter(Duration.ofMinutes(5)));
      outcome = visit();
    }

    assertThat(outcome).isEqualTo(AGAIN_IN_AN_HOUR);
    assertThat(store.database().sizeOnDisk()).isLessThan(before * 3 / 4);
  }

  private Outcome visit() {
    return reconciler.reconcile("database", Optional.empty());
  }
}
