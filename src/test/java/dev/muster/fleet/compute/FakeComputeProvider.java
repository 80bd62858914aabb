package dev.muster.fleet.compute;

import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A cloud in memory, with limited room, lists that lag, and failures that a test asks for. */
public final class FakeComputeProvider implements ComputeProvider {
  /** A machine and what happened to it. */
  private record Made(String launch, Instance.State state, Instant launchedAt) {
    Made in(Instance.State next) {
      return new Made(launch, next, launchedAt);
    }
  }

  private final Provider kind;
  private final InstantSource clock;
  private final Map<String, Made> machines = new LinkedHashMap<>();
  private final Map<String, LaunchRequest> requests = new LinkedHashMap<>();
  private final Map<String, LaunchResult> answers = new LinkedHashMap<>();
  private final Deque<LaunchResult> nextAnswers = new ArrayDeque<>();
  private final Deque<RuntimeException> lostAnswers = new ArrayDeque<>();
  private final Deque<RuntimeException> nextErrors = new ArrayDeque<>();
  private final List<String> terminated = new ArrayList<>();
  private Optional<Offer> offer = Optional.empty();
  private Optional<HourlyPrice> price = Optional.empty();
  private final Set<String> scarce = new HashSet<>();
  private final Set<String> hidden = new HashSet<>();
  private Runnable atLaunch = () -> {};
  private Duration lag = Duration.ZERO;
  private int calls;
  private boolean down;
  private boolean keeps;
  private int made;

  public FakeComputeProvider(Provider kind, InstantSource clock) {
    this.kind = kind;
    this.clock = clock;
  }

  /** The next launch that is new gets this answer and makes nothing. */
  public void answerNext(LaunchResult answer) {
    nextAnswers.add(answer);
  }

  /** The next launch is carried out, and its answer is lost. */
  public void loseNextAnswer(RuntimeException error) {
    lostAnswers.add(error);
  }

  /** The next call of any kind fails before it does anything. */
  public void failNext(RuntimeException error) {
    nextErrors.add(error);
  }

  /** Nothing is answered until it is up again. */
  public void down(boolean now) {
    down = now;
  }

  /** Lists do not show machines that are younger than this. */
  public void lag(Duration age) {
    this.lag = age;
  }

  /** Runs before each launch is carried out. */
  public void atLaunch(Runnable action) {
    this.atLaunch = action;
  }

  /** Machines are bought as this from now on, at that price. */
  public void sells(Offer sold, Optional<HourlyPrice> at) {
    offer = Optional.of(sold);
    price = at;
  }

  @Override
  public Optional<HourlyPrice> price(String region, Offer bought, Os os) {
    return price;
  }

  /** There is no room to start this one again. */
  public void scarce(String instance) {
    scarce.add(instance);
  }

  /** No machine is ended on request: that operation alone is throttled. */
  public void keepMachines(boolean now) {
    keeps = now;
  }

  /** An account does not answer any more, in which these launches were made; none: all do. */
  public void hide(Collection<String> launches) {
    hidden.clear();
    hidden.addAll(launches);
  }

  /** A machine ends without anybody having asked for it. */
  public void vanish(String instance) {
    machines.remove(instance);
  }

  /** A machine that bears the appliance's mark and that no launch of this database made. */
  public String stray(String launch) {
    return make(launch);
  }

  /** Machines that are not gone, the oldest first. */
  public List<String> machines() {
    return List.copyOf(machines.keySet());
  }

  /** Every machine that was ended on request. */
  public List<String> terminated() {
    return List.copyOf(terminated);
  }

  /** How often a launch was asked for. */
  public int launchCalls() {
    return calls;
  }

  /** The distinct launches that were asked for. */
  public List<LaunchRequest> launches() {
    return List.copyOf(requests.values());
  }

  @Override
  public String name() {
    return kind.word();
  }

  @Override
  public boolean stoppable() {
    return kind == Provider.EC2;
  }

  @Override
  public LaunchResult launch(LaunchRequest request, String secret) {
    calls++;
    answering();
    atLaunch.run();
    LaunchRequest first = requests.putIfAbsent(request.launch(), request);
    if (first != null && !first.equals(request)) {
      throw new AssertionError("launch " + request.launch() + " was repeated in other words");
    }
    LaunchResult answer = answers.computeIfAbsent(request.launch(), id -> carryOut(request));
    fail(lostAnswers.poll());
    return answer;
  }

  private LaunchResult carryOut(LaunchRequest request) {
    LaunchResult wanted = nextAnswers.poll();
    if (wanted != null) {
      return wanted;
    }
    int room =
        kind == Provider.LOCAL
            ? Math.min(request.count(), request.spec().slots() - machines.size())
            : request.count();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < room; i++) {
      ids.add(make(request.launch()));
    }
    String note = room < request.count() ? "all slots are taken" : "";
    return ids.isEmpty()
        ? new LaunchResult.NoCapacity(note)
        : new LaunchResult.Launched(ids.stream().map(id -> new Machine(id, offer)).toList(), note);
  }

  private String make(String launch) {
    String id = "i-%04d".formatted(++made);
    machines.put(id, new Made(launch, Instance.State.RUNNING, clock.instant()));
    return id;
  }

  @Override
  public List<String> command(RunnerSpec spec) {
    return List.of("run.sh");
  }

  @Override
  public Map<String, String> start(String region, Collection<String> instances) {
    Map<String, String> refused = new HashMap<>();
    instances.stream().filter(scarce::contains).forEach(id -> refused.put(id, "none left"));
    change(
        instances.stream().filter(id -> !refused.containsKey(id)).toList(), Instance.State.RUNNING);
    return refused;
  }

  @Override
  public void stop(String region, Collection<String> instances) {
    change(instances, Instance.State.STOPPED);
  }

  private void change(Collection<String> instances, Instance.State state) {
    answering();
    reached(instances)
        .forEach(id -> machines.computeIfPresent(id, (key, machine) -> machine.in(state)));
    refuse(instances);
  }

  @Override
  public void terminate(String region, Collection<String> instances) {
    answering();
    if (keeps) {
      throw new TransientException("TerminateInstances is throttled", null);
    }
    reached(instances).stream().filter(id -> machines.remove(id) != null).forEach(terminated::add);
    refuse(instances);
  }

  private List<String> reached(Collection<String> instances) {
    return instances.stream().filter(id -> !hidden(machines.get(id))).toList();
  }

  private boolean hidden(@Nullable Made machine) {
    return machine != null && hidden.contains(machine.launch());
  }

  private void refuse(Collection<String> instances) {
    if (reached(instances).size() < instances.size()) {
      throw new StalledException("its role is gone", null);
    }
  }

  @Override
  public Listing list(String region) {
    answering();
    Instant visible = clock.instant().minus(lag);
    List<Instance> seen =
        machines.entrySet().stream()
            .filter(e -> !hidden(e.getValue()))
            .filter(e -> !e.getValue().launchedAt().isAfter(visible))
            .map(e ->
                new Instance(
                    e.getKey(),
                    e.getValue().state(),
                    Optional.of(e.getValue().launch()),
                    e.getValue().launchedAt()))
            .toList();
    return hidden.isEmpty()
        ? Listing.of(seen)
        : new Listing(seen, List.of(new Listing.Hidden(Set.copyOf(hidden), "its role is gone")));
  }

  private void answering() {
    if (down) {
      throw new TransientException("the cloud is down", null);
    }
    fail(nextErrors.poll());
  }

  private static void fail(@Nullable RuntimeException error) {
    if (error != null) {
      throw error;
    }
  }
}
