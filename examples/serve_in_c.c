/*
Runs a SavedModel without Python, through TensorFlow's C API, which loads it with the same code as
TensorFlow Serving. On Linux, with the libraries inside the installed tensorflow wheel:

  INCLUDE=$(python -c "import tensorflow as tf; print(tf.sysconfig.get_include())")
  LIB=$(python -c "import tensorflow as tf; print(tf.sysconfig.get_lib())")
  gcc -std=c11 -O2 serve_in_c.c -o serve_in_c -I"$INCLUDE" -L"$LIB" -Wl,-rpath,"$LIB" \
      -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2

Usage: ./serve_in_c FOLDER < calls

FOLDER holds saved_model.pb. Each line of `calls` is one of

  feed TENSOR FILE    FILE holds the numbers of TENSOR row by row, in the machine's byte order; how
                      many rows follows from its size. For a tensor of strings, FILE is one row,
                      for example a PNG image.
  fetch TENSOR FILE   once the call has run, TENSOR goes to FILE, its type and shape to stdout.
  run                 makes one call of the feeds and fetches since the last `run`.

`saved_model_cli show --dir FOLDER --all` prints the TENSORs of each signature, for example of
`score`:

  feed score_x:0 x.f32
  feed score_seed:0 seed.i64
  fetch StatefulPartitionedCall_4:1 elbo.f32
  run

NumPy writes and reads such files: x.astype("float32").tofile("x.f32"),
seed.astype("int64").tofile("seed.i64"), np.fromfile("elbo.f32", "float32").
Errors are one line that starts with "serve_in_c:", below what TensorFlow itself writes to stderr;
TF_CPP_MIN_LOG_LEVEL=3 in the environment takes most of that away.
*/

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/c/c_api.h"

enum { MAX_TENSORS = 16, MAX_RANK = 8, MAX_LINE = 4096 };
static const char *const BLANK = " \t\r\n";

/* What one call feeds, or what it fetches: arrays, because TF_SessionRun takes arrays. */
typedef struct {
  int count;
  TF_Output output[MAX_TENSORS];
  TF_Tensor *value[MAX_TENSORS];
  char file[MAX_TENSORS][MAX_LINE];
} Tensors;

static int line_number = 0; /* of `calls`; 0 before the first */

/* Ends with exit status 1 and one line on stderr, however many TensorFlow's message has. */
static _Noreturn void fail(const char *format, ...) {
  char message[MAX_LINE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  for (char *c = message; *c; c++)
    if (*c == '\n' || *c == '\t') *c = ' ';
  fprintf(stderr, "serve_in_c: ");
  if (line_number) fprintf(stderr, "line %d: ", line_number);
  fprintf(stderr, "%s\n", message);
  exit(1);
}

static void check(const TF_Status *status, const char *doing, const char *what) {
  if (TF_GetCode(status) != TF_OK) fail("%s%s: %s", doing, what, TF_Message(status));
}

/* "float32 [5, 2]", valid until the next call; -1 is a dimension that the graph leaves open. */
static const char *describe(TF_DataType type, const int64_t *dims, int rank) {
  static char text[256];
  const char *name = type == TF_FLOAT ? "float32" : type == TF_INT64 ? "int64" : "string";
  if (type != TF_FLOAT && type != TF_INT64 && type != TF_STRING)
    fail("a tensor of TF_DataType %d: expected float32, int64 or string", type);
  int end = snprintf(text, sizeof text, "%s [", name);
  for (int i = 0; i < rank; i++)
    end += snprintf(text + end, sizeof text - end, i ? ", %lld" : "%lld", (long long)dims[i]);
  snprintf(text + end, sizeof text - end, "]");
  return text;
}

/* All bytes of a file; the caller frees them. */
static char *read_file(const char *name, size_t *size) {
  FILE *file = fopen(name, "rb");
  if (!file) fail("cannot read %s: %s", name, strerror(errno));
  char *bytes = NULL;
  size_t room = 0, got;
  *size = 0;
  do {
    if (*size == room && !(bytes = realloc(bytes, room = 2 * room + 4096)))
      fail("cannot read %s: it does not fit into memory", name);
    got = fread(bytes + *size, 1, room - *size, file);
    *size += got;
  } while (got);
  if (ferror(file)) fail("cannot read %s: %s", name, strerror(errno));
  fclose(file);
  return bytes;
}

static void write_file(const char *name, const void *bytes, size_t size) {
  FILE *file = fopen(name, "wb");
  if (!file) fail("cannot write %s: %s", name, strerror(errno));
  int is_short = fwrite(bytes, 1, size, file) != size;
  if (fclose(file) || is_short) fail("cannot write %s: %s", name, strerror(errno));
}

/* "encode_x:0" -> output 0 of the operation "encode_x". */
static TF_Output find_output(TF_Graph *graph, const char *name) {
  char operation[MAX_LINE], *end = NULL;
  snprintf(operation, sizeof operation, "%s", name);
  char *colon = strrchr(operation, ':');
  long index = colon ? strtol(colon + 1, &end, 10) : 0;
  if (!colon || end == colon + 1 || *end)
    fail("expected a tensor as OPERATION:INDEX, for example encode_x:0, got %s", name);
  *colon = '\0';
  TF_Operation *found = TF_GraphOperationByName(graph, operation);
  if (!found)
    fail("the graph has no operation %s: see saved_model_cli show --dir FOLDER --all", operation);
  int outputs = TF_OperationNumOutputs(found); /* asked about others, TensorFlow aborts */
  if (index < 0 || index >= outputs)
    fail("no tensor %s: the operation %s has %d output(s)", name, operation, outputs);
  return (TF_Output){found, (int)index};
}

/* The graph knows the type and the shape of a row, the file's size says how many rows. */
static TF_Tensor *read_tensor(TF_Graph *graph, TF_Output output, const char *name,
                              const char *file, TF_Status *status) {
  TF_DataType type = TF_OperationOutputType(output);
  int64_t dims[MAX_RANK];
  int rank = TF_GraphGetTensorNumDims(graph, output, status);
  check(status, "no shape of ", name);
  if (rank < 1 || rank > MAX_RANK)
    fail("%s has %d dimensions: expected 1 to %d, rows first", name, rank, MAX_RANK);
  TF_GraphGetTensorShape(graph, output, dims, rank, status);
  check(status, "no shape of ", name);
  const char *description = describe(type, dims, rank);

  size_t size, row_size = TF_DataTypeSize(type); /* bytes; of a string, 0 */
  for (int i = 1; i < rank; i++) {
    if (dims[i] < 1) fail("%s, %s, has rows of no fixed shape", name, description);
    row_size *= (size_t)dims[i];
  }
  char *bytes = read_file(file, &size);
  TF_Tensor *tensor;
  if (type == TF_STRING) {
    if (rank != 1) fail("%s is %s: expected one dimension", name, description);
    dims[0] = 1;
    tensor = TF_AllocateTensor(type, dims, rank, sizeof(TF_TString));
    TF_StringInit(TF_TensorData(tensor));
    TF_StringCopy(TF_TensorData(tensor), bytes, size);
  } else {
    if (size == 0 || size % row_size)
      fail("%s has %zu bytes: expected one or several rows of %zu bytes for %s, %s", file, size,
           row_size, name, description);
    dims[0] = (int64_t)(size / row_size);
    tensor = TF_AllocateTensor(type, dims, rank, size);
    memcpy(TF_TensorData(tensor), bytes, size);
  }
  free(bytes);
  return tensor;
}

static void delete_tensors(Tensors *tensors) {
  for (int i = 0; i < tensors->count; i++) TF_DeleteTensor(tensors->value[i]);
  tensors->count = 0;
}

/* One call; only the operations that the fetches need are run. */
static void run(TF_Session *session, Tensors *feeds, Tensors *fetches, TF_Status *status) {
  TF_SessionRun(session, NULL, feeds->output, feeds->value, feeds->count, fetches->output,
                fetches->value, fetches->count, NULL, 0, NULL, status);
  check(status, "the call failed", "");
  for (int i = 0; i < fetches->count; i++) {
    const TF_Tensor *tensor = fetches->value[i];
    int64_t dims[MAX_RANK];
    int rank = TF_NumDims(tensor);
    if (rank > MAX_RANK || TF_TensorType(tensor) == TF_STRING)
      fail("%s: expected numbers of at most %d dimensions", fetches->file[i], MAX_RANK);
    for (int d = 0; d < rank; d++) dims[d] = TF_Dim(tensor, d);
    const char *description = describe(TF_TensorType(tensor), dims, rank);
    write_file(fetches->file[i], TF_TensorData(tensor), TF_TensorByteSize(tensor));
    printf("%s %s\n", fetches->file[i], description);
  }
  delete_tensors(feeds);
  delete_tensors(fetches);
}

int main(int argc, char **argv) {
  if (argc != 2) fail("usage: serve_in_c FOLDER < calls");
  TF_Status *status = TF_NewStatus();
  TF_Graph *graph = TF_NewGraph();
  TF_SessionOptions *options = TF_NewSessionOptions();
  const char *tag = "serve"; /* marks the graph that is made for servers */
  TF_Session *session =
      TF_LoadSessionFromSavedModel(options, NULL, argv[1], &tag, 1, graph, NULL, status);
  TF_DeleteSessionOptions(options);
  check(status, "cannot load ", argv[1]);

  static Tensors feeds, fetches; /* static because they are large */
  char line[MAX_LINE];
  while (fgets(line, sizeof line, stdin)) {
    line_number++;
    if (strlen(line) == sizeof line - 1) fail("expected at most %d characters", MAX_LINE - 2);
    const char *word = strtok(line, BLANK), *name = strtok(NULL, BLANK);
    const char *file = strtok(NULL, BLANK), *rest = strtok(NULL, BLANK);
    if (!word) continue;
    if (!strcmp(word, "run") && !name && fetches.count) {
      run(session, &feeds, &fetches, status);
    } else if ((!strcmp(word, "feed") || !strcmp(word, "fetch")) && file && !rest) {
      Tensors *tensors = strcmp(word, "feed") ? &fetches : &feeds;
      int i = tensors->count;
      if (i == MAX_TENSORS) fail("expected at most %d of `%s` in one call", MAX_TENSORS, word);
      tensors->output[i] = find_output(graph, name);
      snprintf(tensors->file[i], MAX_LINE, "%s", file);
      if (tensors == &feeds)
        tensors->value[i] = read_tensor(graph, tensors->output[i], name, file, status);
      tensors->count++;
    } else {
      fail("expected `feed TENSOR FILE`, `fetch TENSOR FILE`, or `run` after a fetch");
    }
  }
  if (feeds.count || fetches.count) fail("the last call has no `run`");

  TF_CloseSession(session, status);
  check(status, "cannot close the session", "");
  TF_DeleteSession(session, status);
  check(status, "cannot delete the session", "");
  TF_DeleteGraph(graph);
  TF_DeleteStatus(status);
  return 0;
}
