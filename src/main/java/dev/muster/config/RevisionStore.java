package dev.muster.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * The rows of decided revisions: the accepted with their files, the rejected with their problems.
 */
public final class RevisionStore {
  private static final ObjectMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();

  /** How many decisions are kept besides the one in force. */
  private static final int KEPT = 200;

  private RevisionStore() {}

  /** A revision and what became of it. */
  public record Decided(
      long sequence, Revision revision, Instant at, boolean accepted, List<Problem> problems) {
    public Decided {
      problems = List.copyOf(problems);
    }
  }

  static void accepted(Tx tx, Revision revision, ConfigTree tree, Instant now) {
    insert(tx, revision, now, true, zip(tree), null);
    prune(tx);
  }

  static void rejected(Tx tx, Revision revision, List<Problem> problems, Instant now) {
    insert(tx, revision, now, false, null, write(problems));
    prune(tx);
  }

  private static void insert(
      Tx tx,
      Revision revision,
      Instant now,
      boolean accepted,
      byte @org.jspecify.annotations.Nullable [] tree,
      @org.jspecify.annotations.Nullable String problems) {
    tx.update(
        """
        insert into config_revision (revision, source, author, message, committed_at, decided_at,
          accepted, tree, problems)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        revision.id(),
        revision.source(),
        cut(revision.author(), 300),
        cut(revision.message(), 1_000),
        revision.committedAt(),
        now,
        accepted,
        tree,
        problems);
  }

  private static void prune(Tx tx) {
    tx.update(
        """
        delete from config_revision where id < (select max(id) from config_revision) - ?
          and id < (select coalesce(max(id), 0) from config_revision where accepted)
        """,
        KEPT);
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most);
  }

  /** The newest decisions, newest first. */
  public static List<Decided> newest(Read read, int limit) {
    return read.all(
        """
        select id, revision, source, author, message, committed_at, decided_at, accepted, problems
        from config_revision order by id desc limit ?
        """,
        RevisionStore::decided,
        limit);
  }

  /** The accepted revision that is in force. */
  public static Optional<Decided> inForce(Read read) {
    return read.first(
        """
        select id, revision, source, author, message, committed_at, decided_at, accepted, problems
        from config_revision where accepted order by id desc limit 1
        """,
        RevisionStore::decided);
  }

  /** The newest decision where it is a rejection: the branch's head is not in force. */
  public static Optional<Decided> rejectedHead(Read read) {
    return newest(read, 1).stream().filter(d -> !d.accepted()).findFirst();
  }

  /** The files of the revision in force. */
  public static Optional<ConfigTree> treeInForce(Read read) {
    return read.first(
        "select tree from config_revision where accepted order by id desc limit 1",
        row -> unzip(row.bytes("tree")));
  }

  private static Decided decided(Row row) {
    String problems = row.textOrNull("problems");
    return new Decided(
        row.number("id"),
        new Revision(
            row.text("revision"),
            row.text("source"),
            row.text("author"),
            row.text("message"),
            row.instant("committed_at")),
        row.instant("decided_at"),
        row.flag("accepted"),
        problems == null ? List.of() : parse(problems));
  }

  private static String write(List<Problem> problems) {
    try {
      return JSON.writeValueAsString(problems);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Problems can always be written", e);
    }
  }

  private static List<Problem> parse(String problems) {
    try {
      return List.of(JSON.readValue(problems, Problem[].class));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A revision's problems are damaged in the database", e);
    }
  }

  private static byte[] zip(ConfigTree tree) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : tree.files().entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Memory cannot fail", e);
    }
    return bytes.toByteArray();
  }

  private static ConfigTree unzip(byte[] bytes) {
    TreeMap<String, byte[]> files = new TreeMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        files.put(entry.getName(), zip.readAllBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The stored config is damaged", e);
    }
    return new ConfigTree(files);
  }
}
