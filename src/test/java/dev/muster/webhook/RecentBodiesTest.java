package dev.muster.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RecentBodiesTest {
  private final RecentBodies recent = new RecentBodies();

  @Test
  void knowsTheLastOnesAndForgetsTheOldest() {
    int count = 5 * RecentBodies.KEPT / 2;
    for (int i = 0; i < count; i++) {
      recent.note(hash(i), i);
    }
    for (int i = count - RecentBodies.KEPT; i < count; i++) {
      assertThat(recent.commitOf(hash(i))).as("body %s", i).isEqualTo(OptionalLong.of(i));
    }
    for (int i = 0; i < count - 2 * RecentBodies.KEPT; i++) {
      assertThat(recent.commitOf(hash(i))).as("body %s", i).isEmpty();
    }
  }

  @Test
  void neverKnowsWhatItWasNotTold() {
    for (int i = 0; i < 1_000; i += 2) {
      recent.note(hash(i), i);
    }
    for (int i = 1; i < 1_000; i += 2) {
      assertThat(recent.commitOf(hash(i))).isEmpty();
    }
  }

  @Test
  void keepsTheLaterOfTwoCommits() {
    recent.note(hash(1), 7);
    recent.note(hash(1), 8);
    assertThat(recent.commitOf(hash(1))).isEqualTo(OptionalLong.of(8));
  }

  @Test
  void takesAHashOfZeros() {
    byte[] zeros = new byte[32];
    assertThat(recent.commitOf(zeros)).isEmpty();
    recent.note(zeros, 3);
    assertThat(recent.commitOf(zeros)).isEqualTo(OptionalLong.of(3));
  }

  /** Spread as SHA-256 spreads. */
  private static byte[] hash(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return ByteBuffer.allocate(32).putLong(random.nextLong()).putLong(random.nextLong()).array();
  }
}
