package dev.muster.status.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.status.api.EnvironmentList;
import dev.muster.status.api.EnvironmentView;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EnvironmentRowTest {
  private static EnvironmentView view(
      String spent, int unpriced, EnvironmentView.@Nullable BudgetView budget) {
    return new EnvironmentView(
        "prod",
        List.of("acme/*"),
        List.of("eu-west-1"),
        List.of("default"),
        "2026-03",
        new BigDecimal(spent),
        new BigDecimal("1.5"),
        unpriced,
        null,
        true,
        budget);
  }

  private static EnvironmentView.BudgetView budget(long percent, @Nullable String held) {
    return new EnvironmentView.BudgetView(2_000, percent, List.of(50, 80), 120, held, null);
  }

  @Test
  void saysWhatIsSpentOfWhatInWordsAndAsAMeterThatEnds() {
    EnvironmentRow row = new EnvironmentRow(view("2412.5", 0, budget(120, "it is used up")));
    assertThat(row.spent()).isEqualTo("$2,412.50");
    assertThat(row.of()).isEqualTo("$2,000");
    assertThat(row.percent()).isEqualTo("120%");
    assertThat(row.shown()).isEqualTo(100);
    assertThat(row.tone()).isEqualTo("bad");
    assertThat(row.notes()).containsExactly("New machines are held: it is used up.");
    assertThat(new EnvironmentRow(view("1000", 0, budget(50, null))).tone()).isEqualTo("wait");
    assertThat(new EnvironmentRow(view("900", 0, budget(45, null))).tone()).isEqualTo("calm");
  }

  @Test
  void missingPricesAreSaidAndNotHidden() {
    EnvironmentRow row = new EnvironmentRow(view("0", 2, null));
    assertThat(row.notes())
        .containsExactly("2 machines run without a known price and are missing in the sum.");
    assertThat(EnvironmentRow.of(new EnvironmentList(List.of(row.environment())))).hasSize(1);
    assertThat(EnvironmentRow.of(new EnvironmentList(List.of(view("0", 0, null)))))
        .as("nothing to say")
        .isEmpty();
  }

  @Test
  void templateShowsEveryColumn() {
    EnvironmentRow row = new EnvironmentRow(view("1000", 1, budget(50, null)));
    record Model(String month, List<EnvironmentRow> environments) {}
    String html = new Templates().fill("environments", new Model("2026-03", List.of(row)));
    assertThat(html)
        .contains("Environments in 2026-03", "acme/* · eu-west-1", "$1,000.00", "of $2,000")
        .contains("value=\"50\"", "aria-label=\"50% of the budget of prod\"")
        .contains("One machine runs without a known price")
        .doesNotContain("Go beyond it");
  }
}
