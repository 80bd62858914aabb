package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.Revision;
import dev.muster.config.SecretRef;
import dev.muster.config.Snapshot;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitHubActivationTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final WorkQueue queue = new WorkQueue();
  @AutoClose private final StoreFixture store;

  GitHubActivationTest(@TempDir Path folder) {
    store = StoreFixture.open(folder);
  }

  @Test
  void anAppMakesDueWhatAsksGitHub() {
    activate(Optional.of(new GitHubSpec.App(7, new SecretRef("key"))));
    assertThat(List.of(DeliveryCatchUp.KEY, DeliveryCatchUp.MISSED, QueuedJobScan.KEY))
        .allMatch(this::due);
  }

  @Test
  void withoutAnAppNothingAsksGitHub() {
    activate(Optional.empty());
    assertThat(store.<Optional<Instant>>read(WorkQueue::nextDue)).isEmpty();
  }

  private void activate(Optional<GitHubSpec.App> app) {
    Revision revision = new Revision("1", "main", "ana", "a test's", NOON);
    GitHubSpec spec = new GitHubSpec(GitHubSpec.PUBLIC, app, List.of());
    store.run(tx ->
        new GitHubActivation(queue, () -> NOON)
            .activated(tx, new Snapshot(revision, Map.of(GitHubSpec.class, spec))));
  }

  private boolean due(WorkKey key) {
    return store.read(read -> WorkQueue.find(read, key)).isPresent();
  }
}
