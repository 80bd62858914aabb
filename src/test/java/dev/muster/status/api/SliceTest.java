package dev.muster.status.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.kernel.http.HttpProblem;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SliceTest {
  @ParameterizedTest
  @ValueSource(strings = {"0", "1001", "-1", "ten", "1e3", "99999999999999999999"})
  void refusesALimitThatIsNone(String limit) {
    assertThatThrownBy(() -> Slice.of(Optional.of(limit), Optional.empty()))
        .isInstanceOfSatisfying(
            HttpProblem.class, e -> assertThat(e.body().status()).isEqualTo(400));
  }

  @Test
  void namesTheLastItemShownWhereThereAreMore() {
    Slice two = Slice.newest(2);
    assertThat(two.cut(List.of(9, 8, 7))).containsExactly(9, 8);
    assertThat(two.next(List.of(9, 8, 7), n -> n)).isEqualTo("8");
    assertThat(two.next(List.of(9, 8), n -> n)).isNull();
  }

  @Test
  void saysWhichStatesThereAre() {
    assertThatThrownBy(() -> Slice.oneOf("state", "x", new String[] {"a", "b"}, s -> s))
        .isInstanceOfSatisfying(
            HttpProblem.class, e -> assertThat(e.body().hint()).isEqualTo("There are a, b"));
  }
}
