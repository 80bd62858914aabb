import java.io.IOException;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;

/**
 * Run by the build: {@code java ModernClassFiles.java JAR PACKAGE}. Rewrites the classes below a
 * package of a jar that were compiled for Java 5 (picocli's) in the present form of class files,
 * with stack maps. The JVM leaves classes older than Java 6 out of its AOT cache and verifies them
 * at each start, which takes a tenth of a second.
 *
 * <p>And spares picocli its search for Groovy, which it would not find in any jar, each time a
 * command is run.
 */
final class ModernClassFiles {
  private static final String SEARCH = "loadClosureClass";

  private static int spared;

  public static void main(String[] arguments) throws IOException {
    Path jar = Path.of(arguments[0]);
    FileTime modified = Files.getLastModifiedTime(jar);
    try (URLClassLoader classes = new URLClassLoader(new URL[] {jar.toUri().toURL()});
        FileSystem content = FileSystems.newFileSystem(jar);
        Stream<Path> files = Files.walk(content.getPath(arguments[1]))) {
      ClassFile reader =
          ClassFile.of(
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(classes)),
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS);
      List<Path> old = files.filter(file -> file.toString().endsWith(".class")).toList();
      for (Path file : old) {
        FileTime made = Files.getLastModifiedTime(file);
        Files.write(file, modern(reader, Files.readAllBytes(file)));
        Files.setLastModifiedTime(file, made);
      }
    }
    if (spared != 1) {
      throw new IOException(jar + " has " + spared + " methods " + SEARCH + ", not one");
    }
    Files.setLastModifiedTime(jar, modified);
  }

  private static byte[] modern(ClassFile reader, byte[] content) {
    ClassModel old = reader.parse(content);
    return old.majorVersion() >= ClassFile.JAVA_6_VERSION
        ? content
        : reader.transformClass(
            old,
            new Versioned()
                .andThen(ModernClassFiles::withoutSearch)
                .andThen(ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)));
  }

  /** The search answers that there is none. */
  private static void withoutSearch(ClassBuilder builder, ClassElement element) {
    if (element instanceof MethodModel method && method.methodName().equalsString(SEARCH)) {
      spared++;
      builder.withMethodBody(
          method.methodName(),
          method.methodType(),
          method.flags().flagsMask(),
          code -> code.aconst_null().areturn());
    } else {
      builder.with(element);
    }
  }

  /** Has the code written anew, and with it the stack maps, under the present version. */
  private static final class Versioned implements ClassTransform {
    @Override
    public void atStart(ClassBuilder builder) {
      builder.withVersion(ClassFile.latestMajorVersion(), 0);
    }

    @Override
    public void accept(ClassBuilder builder, ClassElement element) {
      if (!(element instanceof ClassFileVersion)) {
        builder.with(element);
      }
    }
  }
}
