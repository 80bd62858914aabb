package dev.muster.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FreshBodiesTest {
  private static final byte[] QUARTER = new byte[(int) (FreshBodies.BYTES / 4)];
  private final FreshBodies fresh = new FreshBodies();

  @Test
  void handsABodyOverOnce() {
    fresh.offer(1, 0, new byte[] {1});
    fresh.offer(1, 1, new byte[] {2});
    assertThat(fresh.take(1, 1)).contains(new byte[] {2});
    assertThat(fresh.take(1, 1)).isEmpty();
    assertThat(fresh.take(1, 0)).contains(new byte[] {1});
  }

  @Test
  void keepsNoMoreThanItsShareOfMemory() {
    for (int place = 0; place < 5; place++) {
      fresh.offer(1, place, QUARTER);
    }
    assertThat(fresh.take(1, 4)).isEmpty();
    assertThat(fresh.take(1, 0)).isPresent();
    fresh.offer(2, 0, QUARTER);
    assertThat(fresh.take(2, 0)).isPresent();
  }

  @Test
  void aCommitMadeAgainReplacesWhatFailed() {
    for (int attempt = 0; attempt < 10; attempt++) {
      fresh.offer(1, 0, QUARTER);
    }
    fresh.offer(1, 0, new byte[] {9});
    assertThat(fresh.take(1, 0)).contains(new byte[] {9});
  }

  @Test
  void clearingMakesRoom() {
    for (int place = 0; place < 4; place++) {
      fresh.offer(1, place, QUARTER);
    }
    fresh.clear();
    assertThat(fresh.take(1, 0)).isEmpty();
    fresh.offer(2, 0, QUARTER);
    assertThat(fresh.take(2, 0)).isPresent();
  }
}
