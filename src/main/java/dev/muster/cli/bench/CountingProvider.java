package dev.muster.cli.bench;

import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.compute.LaunchResult;
import dev.muster.fleet.compute.Listing;
import dev.muster.fleet.spec.RunnerSpec;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Machines that exist in memory alone; counts what it is asked. */
final class CountingProvider implements ComputeProvider {
  private final InstantSource clock;
  private final Map<String, Instance> instances = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger launched = new AtomicInteger();
  private final AtomicInteger started = new AtomicInteger();
  private final Map<String, String> secrets = new ConcurrentHashMap<>();
  private final Set<String> enrolled = ConcurrentHashMap.newKeySet();

  CountingProvider(InstantSource clock) {
    this.clock = clock;
  }

  int calls() {
    return calls.get();
  }

  int launched() {
    return launched.get();
  }

  int started() {
    return started.get();
  }

  long in(Instance.State state) {
    return instances.values().stream().filter(i -> i.state() == state).count();
  }

  /** A machine's agent has enrolled. */
  void enrolled(String id) {
    enrolled.add(id);
  }

  /** Machines whose agents have not enrolled, and the secrets that they do it with. */
  Map<String, String> unenrolled() {
    Map<String, String> some = new TreeMap<>();
    instances.values().stream()
        .filter(instance -> !enrolled.contains(instance.id()))
        .forEach(i -> some.put(i.id(), secrets.getOrDefault(i.launch().orElseThrow(), "")));
    return some;
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
    secrets.put(request.launch(), secret);
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
    long before = in(Instance.State.STOPPED);
    change(ids, Instance.State.RUNNING);
    started.addAndGet(Math.toIntExact(before - in(Instance.State.STOPPED)));
    return Map.of();
  }

  private void change(Collection<String> ids, Instance.State state) {
    ids.forEach(id ->
        instances.computeIfPresent(
            id, (key, i) -> new Instance(i.id(), state, i.launch(), i.launchedAt())));
  }

  @Override
  public void stop(String region, Collection<String> ids) {
    calls.incrementAndGet();
    change(ids, Instance.State.STOPPED);
  }

  @Override
  public void terminate(String region, Collection<String> ids) {
    calls.incrementAndGet();
    ids.forEach(instances::remove);
  }

  @Override
  public Listing list(String region) {
    calls.incrementAndGet();
    return Listing.of(List.copyOf(instances.values()));
  }
}
