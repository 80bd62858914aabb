package dev.muster.cli.bench;

import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.compute.LaunchResult;
import dev.muster.fleet.spec.RunnerSpec;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Machines that exist in memory alone; counts what it is asked. */
final class CountingProvider implements ComputeProvider {
  private final InstantSource clock;
  private final Map<String, Instance> instances = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger launched = new AtomicInteger();

  CountingProvider(InstantSource clock) {
    this.clock = clock;
  }

  int calls() {
    return calls.get();
  }

  int launched() {
    return launched.get();
  }

  @Override
  public String name() {
    return "ec2";
  }

  @Override
  public boolean stoppable() {
    return true;
  }

  @Override
  public LaunchResult launch(LaunchRequest request, String secret) {
    calls.incrementAndGet();
    List<String> made = new ArrayList<>();
    for (int i = 0; i < request.count(); i++) {
      String id = request.launch() + "-" + i;
      instances.put(
          id,
          new Instance(id, Instance.State.RUNNING, Optional.of(request.launch()), clock.instant()));
      made.add(id);
    }
    launched.addAndGet(made.size());
    return LaunchResult.Launched.plain(made, "");
  }

  @Override
  public List<String> command(RunnerSpec spec) {
    return List.of("/bin/true");
  }

  @Override
  public Map<String, String> start(String region, Collection<String> ids) {
    calls.incrementAndGet();
    return Map.of();
  }

  @Override
  public void stop(String region, Collection<String> ids) {
    calls.incrementAndGet();
  }

  @Override
  public void terminate(String region, Collection<String> ids) {
    calls.incrementAndGet();
    ids.forEach(instances::remove);
  }

  @Override
  public List<Instance> list(String region) {
    calls.incrementAndGet();
    return List.copyOf(instances.values());
  }
}
