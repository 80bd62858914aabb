package dev.muster.fleet.runner;

import dev.muster.fleet.job.JobFacts;
import dev.muster.kernel.reconcile.TransientException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** GitHub's list of runners in memory: names are unique, and who works is not removed. */
public final class FakeRunnerRegistry implements RunnerRegistry {
  private final Map<Long, String> names = new LinkedHashMap<>();
  private final Map<String, List<String>> labels = new HashMap<>();
  private final Set<String> busy = new HashSet<>();
  private final List<String> removed = new ArrayList<>();
  private final Deque<RuntimeException> lostAnswers = new ArrayDeque<>();
  private Optional<RuntimeException> listError = Optional.empty();
  private long made = 100;
  private boolean down;

  /** The runner of this name works from now on. */
  public void busy(String name) {
    busy.add(name);
  }

  /** The job of the runner of this name is over; a JIT runner is gone with it. */
  public void over(String name) {
    busy.remove(name);
    names.values().remove(name);
  }

  /** The next registration is made, and its answer is lost. */
  public void loseNextAnswer(RuntimeException error) {
    lostAnswers.add(error);
  }

  /** Lists fail like this until it is taken back by an empty one. */
  public void failLists(Optional<RuntimeException> error) {
    listError = error;
  }

  /** Nothing is answered until it is up again. */
  public void down(boolean now) {
    down = now;
  }

  private void answering() {
    if (down) {
      throw new TransientException("GitHub is down", null);
    }
  }

  /** Who is registered, the oldest first. */
  public List<String> names() {
    return List.copyOf(names.values());
  }

  /** Those that were asked for with a name that is registered. */
  public List<String> labels(String name) {
    return labels.getOrDefault(name, List.of());
  }

  /** Whether the runner of this name works. */
  public boolean working(String name) {
    return busy.contains(name);
  }

  /** Every name that was removed on request. */
  public List<String> removed() {
    return List.copyOf(removed);
  }

  @Override
  public String scope(JobFacts job, Optional<String> runnerGroup) {
    return "repos/" + job.repository();
  }

  @Override
  public Registration register(JobFacts job, String name, Optional<String> runnerGroup) {
    answering();
    if (names.containsValue(name)) {
      throw new AssertionError("GitHub answers 409: " + name + " is registered already");
    }
    names.put(++made, name);
    labels.put(name, job.labels());
    RuntimeException lost = lostAnswers.poll();
    if (lost != null) {
      throw lost;
    }
    return new Registration(scope(job, runnerGroup), made, "jit-" + made);
  }

  @Override
  public Removal remove(String scope, long githubId) {
    answering();
    String name = names.get(githubId);
    if (name == null) {
      return Removal.REMOVED;
    }
    if (busy.contains(name)) {
      return Removal.BUSY;
    }
    names.remove(githubId);
    removed.add(name);
    return Removal.REMOVED;
  }

  @Override
  public List<Remote> list(String scope) {
    answering();
    if (listError.isPresent()) {
      throw listError.get();
    }
    return names.entrySet().stream()
        .map(e -> new Remote(e.getKey(), e.getValue(), true, busy.contains(e.getValue())))
        .toList();
  }
}
