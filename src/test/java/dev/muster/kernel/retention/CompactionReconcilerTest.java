package dev.muster.kernel.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
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
    fill();
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

  private void fill() {
    Random random = new Random(3);
    store.run(tx -> {
      tx.update("set retention_time 0"); // what is gone is gone at once
      tx.update("create table filled (id int primary key, filling varbinary)");
    });
    for (int from = 0; from < 6_000; from += 100) {
      int first = from;
      store.run(tx -> {
        for (int id = first; id < first + 100; id++) {
          byte[] filling = new byte[8 << 10];
          random.nextBytes(filling);
          tx.update("insert into filled values (?, ?)", id, filling);
        }
      });
    }
  }

  private Outcome visit() {
    return reconciler.reconcile("database", Optional.empty());
  }
}
