package dev.muster.fleet.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.protocol.LogChunk;
import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunnerOutputTest {
  private static final RunnerId RUNNER = new RunnerId("muster-000000000001");
  private static final RunnerId OTHER = new RunnerId("muster-000000000002");

  @AutoClose private final StoreFixture store;

  RunnerOutputTest(@TempDir Path folder) {
    store = StoreFixture.open(folder);
  }

  private void add(RunnerId runner, long sequence, String text) {
    store.run(tx -> RunnerOutput.add(tx, runner, new LogChunk(sequence, text)));
  }

  private String kept(RunnerId runner) {
    return store.database().read(read -> RunnerOutput.of(read, runner));
  }

  @Test
  void chunksAreOneTextInTheirOrder() {
    add(RUNNER, 5, "first ü\n");
    add(OTHER, 5, "another's");
    add(RUNNER, 9, "");
    add(RUNNER, 10, "second\u0000\n");

    assertThat(kept(RUNNER)).isEqualTo("first ü\nsecond\u0000\n");
    assertThat(kept(new RunnerId("muster-000000000003"))).isEmpty();
  }

  @Test
  void chunkThatCameBeforeChangesNothing() {
    add(RUNNER, 5, "once ");
    add(RUNNER, 6, "twice");
    add(RUNNER, 5, "again");
    add(RUNNER, 6, "again");

    assertThat(kept(RUNNER)).isEqualTo("once twice");
  }

  @Test
  void oldestGoWhenThereIsTooMuch() {
    for (int i = 1; i <= 12; i++) {
      add(RUNNER, i, Character.toString('a' + i - 1).repeat(LogChunk.LONGEST));
    }

    String kept = kept(RUNNER);
    assertThat(kept).hasSize(RunnerOutput.KEPT).startsWith("eeee").endsWith("llll");
  }

  @Test
  void isRemovedWithItsRunner() {
    add(RUNNER, 1, "gone");
    add(OTHER, 1, "stays");
    List<@Nullable Object[]> ids =
        List.<@Nullable Object[]>of(new @Nullable Object[] {RUNNER.value()});

    store.run(tx -> RunnerOutput.remove(tx, ids));

    assertThat(kept(RUNNER)).isEmpty();
    assertThat(kept(OTHER)).isEqualTo("stays");
  }
}
