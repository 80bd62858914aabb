package dev.muster.status.api;

import dev.muster.config.RevisionStore;
import dev.muster.kernel.store.Read;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The files of the config in force, as a clone has them. A config holds no secrets, only their
 * names.
 *
 * @param revision whose they are
 * @param files text by path inside the tree
 */
public record ConfigFilesView(String revision, Map<String, String> files) {
  static Optional<ConfigFilesView> read(Read read) {
    return RevisionStore.inForce(read)
        .flatMap(decided ->
            RevisionStore.treeInForce(read)
                .map(tree -> {
                  Map<String, String> files = new TreeMap<>();
                  tree.files()
                      .forEach((path, bytes) ->
                          files.put(path, new String(bytes, StandardCharsets.UTF_8)));
                  return new ConfigFilesView(decided.revision().id(), files);
                }));
  }
}
