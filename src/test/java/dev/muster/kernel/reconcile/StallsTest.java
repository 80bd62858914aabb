package dev.muster.kernel.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StallsTest {
  @Test
  void eachHasItsTurnAndTheFirstThatCannotSucceedIsSaid() {
    List<Integer> done = new ArrayList<>();
    assertThatThrownBy(() ->
            Stalls.each(
                List.of(1, 2, 3, 4),
                number -> {
                  if (number % 2 == 0) {
                    throw new StalledException("no permission for " + number, null);
                  }
                  done.add(number);
                }))
        .isInstanceOf(StalledException.class)
        .hasMessage("no permission for 2");
    assertThat(done).containsExactly(1, 3);
  }

  /** As when GitHub does not answer: the others would only wait for the same. */
  @Test
  void whatTimeMayMendEndsIt() {
    List<Integer> tried = new ArrayList<>();
    assertThatThrownBy(() ->
            Stalls.each(
                List.of(1, 2),
                number -> {
                  tried.add(number);
                  throw new TransientException("not now", null);
                }))
        .isInstanceOf(TransientException.class);
    assertThat(tried).containsExactly(1);
  }
}
