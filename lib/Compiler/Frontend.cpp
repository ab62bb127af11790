//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend.h"

#include "sigmoid-attn/Registration.h"
#include "sigmoid-attn/Support/Log.h"

#include "mlir/Analysis/CallGraph.h"
#include "mlir/IR/Verifier.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace sigmoid_attn;

/// `FILE:LINE:COLUMN: ` of the innermost source position, if there is one.
static std::string formatLocation(Location location) {
  std::string text;
  location->walk([&](Location nested) {
    auto position = dyn_cast<FileLineColLoc>(nested);
    if (!position)
      return WalkResult::advance();
    text = position.getFilename().str() + ":" +
           std::to_string(position.getLine()) + ":" +
           std::to_string(position.getColumn()) + ": ";
    return WalkResult::interrupt();
  });
  return text;
}

DiagnosticCollector::DiagnosticCollector(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        std::string text =
            formatLocation(diagnostic.getLocation()) + diagnostic.str();
        for (Diagnostic &note : diagnostic.getNotes())
          text += "\n  " + formatLocation(note.getLocation()) +
                  "note: " + note.str();
        if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
          log(text);
        else
          errors += (errors.empty() ? "" : "\n") + text;
      }) {}

Status DiagnosticCollector::takeError(const std::string &fallback) {
  std::string text = std::move(errors);
  errors.clear();
  return Status::compileError(text.empty() ? fallback : text);
}

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllToLLVMIRTranslations(registry);
  mlir::attn::registerSigmoidAttnDialects(registry);
  return registry;
}

std::unique_ptr<MLIRContext> sigmoid_attn::makeContext() {
  static const DialectRegistry registry = makeRegistry();
  // One module has too few functions to be worth a thread pool, until a backend
  // has made kernels of them. Dumping IR after each pass needs a single thread.
  auto context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  // A message names the place in the source; the operation as it is in the
  // middle of lowering says nothing to who wrote that.
  context->printOpOnDiagnostic(false);
  return context;
}

Result<OwningOpRef<ModuleOp>> sigmoid_attn::parseModule(std::string_view source,
                                                        const std::string &name,
                                                        MLIRContext *context) {
  DiagnosticCollector diagnostics(context);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(llvm::StringRef(source), name),
      llvm::SMLoc());
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(sources, ParserConfig(context));
  if (!module)
    return diagnostics.takeError("'" + name + "' is not a valid module");
  return module;
}

/// The names of functions as `a, b`.
static std::string joinNames(ArrayRef<func::FuncOp> functions) {
  std::string names;
  for (func::FuncOp function : functions)
    names += (names.empty() ? "" : ", ") + function.getName().str();
  return names;
}

Result<func::FuncOp> sigmoid_attn::selectEntry(ModuleOp module,
                                               const std::string &entry,
                                               const std::string &sourceName) {
  SmallVector<func::FuncOp> candidates;
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic() && !function.isExternal())
      candidates.push_back(function);
  auto refuse = [&](const std::string &text) {
    return Status::invalidArgument("'" + sourceName + "' " + text);
  };
  if (candidates.empty())
    return refuse("has no public function with a body");
  func::FuncOp selected = candidates.front();
  if (!entry.empty()) {
    auto *found = llvm::find_if(candidates, [&](func::FuncOp function) {
      return function.getName() == entry;
    });
    if (found == candidates.end())
      return refuse("has no public function '" + entry +
                    "' with a body; it has: " + joinNames(candidates));
    selected = *found;
  } else if (candidates.size() > 1) {
    return refuse("has several public functions; expected the entry to be one "
                  "of: " +
                  joinNames(candidates));
  }
  for (func::FuncOp function : candidates)
    if (function != selected)
      function.setPrivate();
  return selected;
}

Status sigmoid_attn::checkNotRecursive(ModuleOp module) {
  CallGraph graph(module);
  const CallGraph *calls = &graph;
  for (auto group = llvm::scc_begin(calls); !group.isAtEnd(); ++group) {
    if (!group.hasCycle())
      continue;
    Operation *function = group->front()->getCallableRegion()->getParentOp();
    auto name =
        function->getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName());
    return Status::compileError(
        formatLocation(function->getLoc()) + "recursive call of '" +
        (name ? name.str() : std::string()) + "' is not supported");
  }
  return {};
}
