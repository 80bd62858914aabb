package dev.muster.operator;

import dev.muster.config.ConfigTree;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * A tree whose push is imagined.
 *
 * @param files text by path inside the tree
 */
record PlanRequest(Map<String, String> files) {
  PlanRequest {
    files = Map.copyOf(files);
  }

  ConfigTree tree() {
    TreeMap<String, byte[]> tree = new TreeMap<>();
    files.forEach((path, text) -> tree.put(path, text.getBytes(StandardCharsets.UTF_8)));
    return new ConfigTree(tree);
  }
}
