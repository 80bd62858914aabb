package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Jobs and machines of three regions through everything that can happen to those: random schedules
 * over the real reconcilers, leases and replicators, with clouds, a GitHub and a global table in
 * memory and a virtual clock. GitHub gives a queued job to whichever runner with its labels is
 * free, and tells of it at the first region's address. The number of stories is the system property
 * {@code muster.regions.stories}.
 */
@Execution(ExecutionMode.CONCURRENT)
class RegionsStoryIT {
  private static final int TURNS = 160;

  @TempDir private Path folder;

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Long.getLong("muster.regions.stories", 2));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyJobIsDoneAndNoMachineIsLeft(long seed) throws IOException {
    try (RegionsWorld world = new RegionsWorld(folder, seed)) {
      for (int turn = 0; turn < TURNS; turn++) {
        world.turn();
      }
      world.mend();
      world.check();
    }
  }

  @Test
  void whatWasTakenOverIsLetGoBeforeTheRegionThatReturnsActs() throws IOException {
    try (RegionsWorld world = new RegionsWorld(folder, 1)) {
      world.queue("west");
      world.tell();
      world.pass(10);
      world.settle();
      world.pass(10);
      world.crash("west");
      while (world.takeovers() == 0) {
        world.pass(30);
        world.settle();
      }
      world.pass(30);
      world.settle();
      world.start("west");
      assertThat(world.letGo()).as("jobs that others have, and west had").isPositive();
    }
  }
}
