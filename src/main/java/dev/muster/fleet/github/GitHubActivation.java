package dev.muster.fleet.github;

import dev.muster.config.Activation;
import dev.muster.config.Snapshot;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** A config that names an App makes due what asks GitHub by itself. */
public final class GitHubActivation implements Activation {
  private final WorkQueue queue;
  private final InstantSource clock;

  public GitHubActivation(WorkQueue queue, InstantSource clock) {
    this.queue = queue;
    this.clock = clock;
  }

  @Override
  public void activated(Tx tx, Snapshot snapshot) {
    if (snapshot.get(GitHubSpec.class).app().isPresent()) {
      Instant now = clock.instant();
      queue.due(tx, DeliveryCatchUp.KEY, now, Optional.empty());
      queue.due(tx, DeliveryCatchUp.MISSED, now, Optional.empty());
      queue.due(tx, QueuedJobScan.KEY, now, Optional.empty());
    }
  }
}
