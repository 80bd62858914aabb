package dev.muster.fleet.runner;

import dev.muster.agent.protocol.LogChunk;
import dev.muster.kernel.store.Payloads;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last of what each runner wrote, compressed: at most 256 KiB of text a runner. */
public final class RunnerOutput {
  /** In bytes of UTF-8, before they are compressed. */
  static final int KEPT = 256 * 1024;

  private RunnerOutput() {}

  /** Keeps a chunk and lets go of the oldest ones; one that came before changes nothing. */
  static void add(Tx tx, RunnerId id, LogChunk chunk) {
    byte[] text = chunk.text().getBytes(StandardCharsets.UTF_8);
    int stored =
        tx.update(
            """
            insert into runner_log (runner, sequence, size, body)
            select ?, ?, ?, ? where not exists
              (select 1 from runner_log where runner = ? and sequence >= ?)
            """,
            id.value(),
            chunk.seq(),
            text.length,
            Payloads.compress(text),
            id.value(),
            chunk.seq());
    if (stored > 0) {
      prune(tx, id);
    }
  }

  private record Size(long sequence, int bytes) {}

  private static void prune(Tx tx, RunnerId id) {
    List<Size> newestFirst =
        tx.all(
            "select sequence, size from runner_log where runner = ? order by sequence desc",
            row -> new Size(row.number("sequence"), row.integer("size")),
            id.value());
    long total = 0;
    for (Size size : newestFirst) {
      total += size.bytes();
      if (total > KEPT) {
        tx.update(
            "delete from runner_log where runner = ? and sequence <= ?",
            id.value(),
            size.sequence());
        return;
      }
    }
  }

  /** What is kept of a runner's output; empty when there is none. */
  public static String of(Read read, RunnerId id) {
    List<byte[]> parts =
        read.all(
            "select body from runner_log where runner = ? order by sequence",
            row -> Payloads.expand(row.bytes("body")),
            id.value());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toString(StandardCharsets.UTF_8);
  }

  /** Removes what is kept of runners. */
  static void remove(Tx tx, List<@Nullable Object[]> ids) {
    tx.updateEach("delete from runner_log where runner = ?", ids);
  }
}
