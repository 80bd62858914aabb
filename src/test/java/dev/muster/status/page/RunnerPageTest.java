package dev.muster.status.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.status.api.RunnerView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunnerPageTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");

  private static String page(@Nullable String log) {
    RunnerView view =
        new RunnerView(
            "muster-000000000000",
            "default",
            "default",
            "local",
            "local",
            "here",
            null,
            "busy",
            NOON,
            null,
            null,
            null,
            null,
            null,
            NOON,
            List.of(),
            log);
    return new Templates().fill("runner", RunnerPage.of(view));
  }

  @Test
  void whatARunnerWroteIsShownAsText() {
    assertThat(page("\u001b[36;1mrun\u001b[0m <script>alert(1)</script>\nnext"))
        .contains(">run &lt;script&gt;")
        .contains("\nnext</pre>")
        .doesNotContain("<script>", "\u001b", "[36;1m");
  }

  @Test
  void runnerThatWroteNothingHasNoSuchPart() {
    assertThat(page(null)).contains("muster-000000000000").doesNotContain("Output", "<pre");
    assertThat(page("\n")).doesNotContain("<pre");
  }
}
