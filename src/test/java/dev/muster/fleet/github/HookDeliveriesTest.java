package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.github.GitHubEvent.JobChanged;
import dev.muster.sandbox.DeliveryFault;
import dev.muster.sandbox.SandboxJob;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HookDeliveriesTest {
  private final GitHubFixture github = new GitHubFixture();
  private final HookDeliveries hooks = new HookDeliveries(github.client);

  @AfterEach
  void close() {
    github.close();
  }

  @Test
  void findsALostDeliveryWithItsContent() throws InterruptedException {
    github.sandbox.faults(event -> DeliveryFault.FAILED);
    SandboxJob job = github.sandbox.queueJob("acme/api", GitHubFixture.LABELS, List.of("true"));
    github.sandbox.awaitDeliveries(2);

    List<HookDeliveries.Entry> missed =
        hooks.since(OptionalLong.empty(), github.now().minus(Duration.ofDays(3)));

    assertThat(missed)
        .extracting(HookDeliveries.Entry::event)
        .containsExactly("workflow_run", "workflow_job");
    assertThat(missed).noneMatch(HookDeliveries.Entry::arrived);
    HookDeliveries.Content content = hooks.read(missed.getLast().id()).orElseThrow();
    assertThat(content.guid()).isEqualTo(missed.getLast().guid());
    assertThat(new GitHubEventParser().parse(content.event(), content.payload()))
        .isInstanceOfSatisfying(
            JobChanged.class,
            changed -> assertThat(changed.facts().id().value()).isEqualTo(job.id()));
    assertThat(hooks.read(1)).isEmpty();
  }

  @Test
  void goesOnFromACursorOverAllPages() throws InterruptedException {
    for (int i = 0; i < 130; i++) {
      github.sandbox.push("acme/config", "main", "%040x".formatted(i));
    }
    github.sandbox.awaitDeliveries(130);
    List<HookDeliveries.Entry> all = hooks.since(OptionalLong.empty(), github.now());
    assertThat(all).hasSize(130);
    assertThat(all).extracting(HookDeliveries.Entry::id).isSorted();

    OptionalLong cursor = OptionalLong.of(all.get(9).id());

    assertThat(hooks.since(cursor, github.now())).isEqualTo(all.subList(10, 130));
    assertThat(hooks.since(OptionalLong.of(all.getLast().id()), github.now())).isEmpty();
  }

  @Test
  void looksBackNoFurtherThanTold() throws InterruptedException {
    github.sandbox.push("acme/config", "main", "1");
    github.sandbox.awaitDeliveries(1);
    github.pass(Duration.ofDays(4));
    github.sandbox.push("acme/config", "main", "2");
    github.sandbox.awaitDeliveries(2);

    assertThat(hooks.since(OptionalLong.empty(), github.now().minus(Duration.ofDays(3))))
        .hasSize(1);
  }
}
