package dev.muster.status.api;

import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerOutput;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Read;
import java.util.List;
import java.util.Optional;

/** Reads runners for people and programs. */
public final class RunnerReader {
  private final Database database;

  public RunnerReader(Database database) {
    this.database = database;
  }

  /**
   * A part of the runners, those that ended included.
   *
   * @throws dev.muster.kernel.http.HttpProblem 400 for a state or a cursor that there is not
   */
  public RunnerList list(Optional<String> state, Optional<String> pool, Slice slice) {
    return list(state, pool, Optional.empty(), slice);
  }

  /** The same of one environment. */
  public RunnerList list(
      Optional<String> state, Optional<String> pool, Optional<String> environment, Slice slice) {
    Optional<RunnerState> wanted =
        state.map(word -> Slice.oneOf("state", word, RunnerState.values(), RunnerState::word));
    return database.read(read -> {
      Optional<Runner> before = slice.before().map(id -> cursor(read, id));
      List<Runner> found =
          RunnerStore.newest(read, wanted, pool, environment, before, slice.andOne());
      return new RunnerList(
          slice.cut(found).stream().map(RunnerView::of).toList(), slice.next(found, Runner::id));
    });
  }

  /** Runners that have not ended, newest first. */
  public List<RunnerView> living(int limit) {
    return database.read(read -> RunnerStore.living(read, limit)).stream()
        .map(RunnerView::of)
        .toList();
  }

  /** Runners of a pool that have not ended, newest first. */
  public List<RunnerView> living(String pool) {
    return database.read(read -> RunnerStore.living(read, pool)).reversed().stream()
        .map(RunnerView::of)
        .toList();
  }

  /** One runner with its timeline and what it wrote. */
  public Optional<RunnerView> find(String id) {
    return id(id)
        .flatMap(known ->
            database.read(read ->
                RunnerStore.find(read, known)
                    .map(r ->
                        RunnerView.of(
                            r, RunnerStore.timeline(read, known), RunnerOutput.of(read, known)))));
  }

  private static Runner cursor(Read read, String id) {
    return id(id)
        .flatMap(known -> RunnerStore.find(read, known))
        .orElseThrow(() -> Slice.bad("before", id, "Take it from the answer's next"));
  }

  private static Optional<RunnerId> id(String text) {
    try {
      return Optional.of(new RunnerId(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no runner has an id of another form
    }
  }
}
