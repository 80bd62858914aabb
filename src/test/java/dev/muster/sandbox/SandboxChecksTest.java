package dev.muster.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SandboxChecksTest {
  private final SandboxModel model =
      new SandboxModel(SandboxSettings.DEFAULT, () -> Instant.EPOCH, hook -> {});
  private final SandboxChecks checks = new SandboxChecks(SandboxSettings.DEFAULT, model);
  private final String sha =
      SandboxRun.headOf(
          model
              .queue("acme/api", List.of(new JobRequest("job", List.of("muster"), List.of())))
              .getFirst()
              .runId());

  @Test
  void takesTheSameTwiceAsGitHubDoes() {
    create(wish -> {});
    create(wish -> {});
    assertThat(checks.of("ACME/api", sha, Optional.of("muster"))).hasSize(2);
    assertThat(checks.of("acme/api", sha, Optional.of("other"))).isEmpty();
    assertThat(checks.of("acme/web", sha, Optional.empty())).isEmpty();
  }

  @Test
  void refusesWhatDoesNotFitTogether() {
    refused("head_sha", wish -> wish.remove("head_sha"));
    refused("name", wish -> wish.remove("name"));
    refused("No commit found", wish -> wish.put("head_sha", "0".repeat(40)));
    refused("do not fit", wish -> wish.remove("conclusion"));
    refused("do not fit", wish -> wish.put("conclusion", "stale"));
    refused("do not fit", wish -> wish.putObject("output").put("title", "no summary"));
    refused(
        "do not fit",
        wish -> wish.putObject("output").put("title", "t").put("summary", "x".repeat(65_536)));
  }

  @Test
  void refusesAnAppThatWasNotGivenThePermission() {
    SandboxChecks withheld =
        new SandboxChecks(SandboxSettings.DEFAULT.withWithheld(Set.of("checks")), model);
    assertThatThrownBy(() -> withheld.create("acme/api", wish()))
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.status()).isEqualTo(403));
  }

  private ObjectNode wish() {
    ObjectNode wish = new ObjectMapper().createObjectNode();
    wish.put("name", "muster").put("head_sha", sha);
    wish.put("status", "completed").put("conclusion", "failure");
    wish.putObject("output").put("title", "t").put("summary", "s");
    return wish;
  }

  private SandboxCheck create(Consumer<ObjectNode> change) {
    ObjectNode wish = wish();
    change.accept(wish);
    return checks.create("acme/api", wish);
  }

  private void refused(String part, Consumer<ObjectNode> change) {
    assertThatThrownBy(() -> create(change))
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.status()).isEqualTo(422))
        .hasMessageContaining(part);
  }
}
