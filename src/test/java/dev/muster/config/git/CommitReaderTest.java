package dev.muster.config.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.ConfigTree;
import dev.muster.config.ConfigTree.Unread;
import dev.muster.config.Configs;
import dev.muster.config.LoadResult;
import dev.muster.config.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;
import org.eclipse.jgit.internal.storage.dfs.InMemoryRepository;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.TreeFormatter;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class CommitReaderTest {
  private static final byte[] MAIN = "version: \"1\"\n".getBytes(StandardCharsets.UTF_8);

  @AutoClose
  private final InMemoryRepository repository =
      new InMemoryRepository(new DfsRepositoryDescription("config"));

  /** The main file beside what stands at the top already. */
  private ConfigTree read(TreeFormatter top) throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      top.append("muster.yml", FileMode.REGULAR_FILE, inserter.insert(Constants.OBJ_BLOB, MAIN));
      CommitBuilder commit = new CommitBuilder();
      commit.setTreeId(inserter.insert(top));
      PersonIdent somebody = new PersonIdent("a", "a@b", Instant.EPOCH, ZoneOffset.UTC);
      commit.setAuthor(somebody);
      commit.setCommitter(somebody);
      commit.setMessage("test");
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      return CommitReader.read(repository.newObjectReader(), "test", id).tree();
    }
  }

  private ObjectId blob(int size) throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      ObjectId id = inserter.insert(Constants.OBJ_BLOB, new byte[size]);
      inserter.flush();
      return id;
    }
  }

  private static Map<String, ObjectId> named(int count, ObjectId blob) {
    Map<String, ObjectId> names = new TreeMap<>();
    IntStream.range(0, count).forEach(i -> names.put("%03d.yml".formatted(i), blob));
    return names;
  }

  /** {@code muster.d} with these. */
  private TreeFormatter parts(Map<String, ObjectId> files) throws IOException {
    TreeFormatter parts = new TreeFormatter();
    files.forEach((name, id) -> parts.append(name, FileMode.REGULAR_FILE, id));
    TreeFormatter top = new TreeFormatter();
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      top.append("muster.d", FileMode.TREE, inserter.insert(parts));
      inserter.flush();
    }
    return top;
  }

  /** What one blob under many names would take is more than what was sent by any factor. */
  @Test
  void noMoreIsHeldThanAConfigMayHave() throws Exception {
    ConfigTree tree = read(parts(named(400, blob(ConfigTree.MOST_OF_A_FILE))));
    assertThat(tree.files().values().stream().mapToLong(file -> file.length).sum())
        .isLessThanOrEqualTo(ConfigTree.MOST_OF_ALL);
    assertThat(tree.unread()).hasSize(400 - 7).containsValue(Unread.TOO_MUCH);
    assertThat(problems(tree)).contains("all files of the config have more than 8 MiB");
  }

  @Test
  void fileThatIsTooLargeIsNotOpened() throws Exception {
    ConfigTree tree = read(parts(named(1, blob(ConfigTree.MOST_OF_A_FILE + 1))));
    assertThat(tree.files()).containsOnlyKeys("muster.yml");
    assertThat(problems(tree))
        .containsOnlyOnce("muster.d/000.yml:0:0: error: the file has more than 1 MiB");
  }

  /** Ignored, it would drain every pool that the folder held. */
  @Test
  void linkInPlaceOfTheFolderIsSaid() throws Exception {
    TreeFormatter top = new TreeFormatter();
    top.append("muster.d", FileMode.SYMLINK, blob(8));
    ConfigTree tree = read(top);
    assertThat(tree.unread()).containsExactly(Map.entry("muster.d", Unread.NO_FILE));
    assertThat(problems(tree)).contains("muster.d:0:0: error: it is a symbolic link");
  }

  private static String problems(ConfigTree tree) {
    return Configs.load(tree) instanceof LoadResult.Rejected rejected
        ? String.join("\n", rejected.problems().stream().map(Problem::toString).toList())
        : "";
  }
}
