#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>

using int8 = std::int8_t;
using int16 = std::int16_t;
using int32 = std::int32_t;
using int64 = long long;
using uint8 = std::uint8_t;
using uint16 = std::uint16_t;
using uint32 = std::uint32_t;
using uint64 = unsigned long long;
using SIZE_T = std::size_t;
using TCHAR = char16_t;

#define TEXT(text) u##text
#define INDEX_NONE -1
#define AVATARBRIDGE_API
#define UTF8_TO_TCHAR(text) StubToTchar(text)
#define TCHAR_TO_UTF8(text) StubToUtf8(text)
const TCHAR* StubToTchar(const char* Text);
const char* StubToUtf8(const TCHAR* Text);

// What the header tool makes of these stands in the *.generated.h files of compile.py.
#define STUB_PASTE_INNER(a, b, c, d) a##b##c##d
#define STUB_PASTE(a, b, c, d) STUB_PASTE_INNER(a, b, c, d)
#define GENERATED_BODY(...) STUB_PASTE(CURRENT_FILE_ID, _, __LINE__, _GENERATED_BODY)
#define UCLASS(...)
#define USTRUCT(...)
#define UPROPERTY(...)
#define UFUNCTION(...)

template <typename T>
constexpr std::remove_reference_t<T>&& MoveTemp(T&& Value) { return static_cast<std::remove_reference_t<T>&&>(Value); }

class FString
{
public:
	FString();
	FString(const TCHAR* Text);
	const TCHAR* operator*() const;
	FString operator+(const FString& Other) const;
	FString operator+(const TCHAR* Other) const;
	friend FString operator+(const TCHAR* A, const FString& B);
	bool operator==(const FString& Other) const;
	bool IsEmpty() const;
	int32 Len() const;
	bool EndsWith(const TCHAR* Suffix) const;
	FString LeftChop(int32 Count) const;
	template <typename... T>
	static FString Printf(const TCHAR* Format, T... Values);
};

class FName
{
public:
	FName();
	FName(const TCHAR* Text);
	bool operator==(const FName& Other) const;
	bool IsNone() const;
	FString ToString() const;
};

class FText
{
public:
	static FText FromString(const FString& Text);
};
FText StubLocText(const char* Namespace, const char* Key, const char* Text);
#define LOCTEXT(Key, Text) StubLocText(LOCTEXT_NAMESPACE, Key, Text)

template <typename T>
class TArray
{
public:
	T* GetData();
	const T* GetData() const;
	int32 Num() const;
	int32 Add(const T& Value);
	void Append(const T* Values, int32 Count);
	void Reserve(int32 Count);
	void Reset(int32 Slack = 0);
	T& operator[](int32 Index);
	const T& operator[](int32 Index) const;
	T* begin();
	T* end();
	const T* begin() const;
	const T* end() const;
};

template <typename K, typename V>
class TMap
{
public:
	V& Add(const K& Key, const V& Value);
};

template <typename Signature>
class TFunction;
template <typename R, typename... A>
class TFunction<R(A...)>
{
public:
	TFunction();
	template <typename F, typename = std::enable_if_t<std::is_invocable_r_v<R, F, A...>>>
	TFunction(F Function) { (void)sizeof(Function); }
	R operator()(A... Values) const;
	explicit operator bool() const;
};

enum class ESPMode { NotThreadSafe, ThreadSafe };

template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedRef;
template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedPtr
{
public:
	TSharedPtr();
	TSharedPtr(std::nullptr_t);
	template <typename U, typename = std::enable_if_t<std::is_convertible_v<U*, T*>>>
	TSharedPtr(const TSharedPtr<U, Mode>& Other);
	template <typename U, typename = std::enable_if_t<std::is_convertible_v<U*, T*>>>
	TSharedPtr(const TSharedRef<U, Mode>& Other);
	bool IsValid() const;
	T* Get() const;
	T* operator->() const;
	T& operator*() const;
	void Reset();
};
template <typename T, ESPMode Mode>
class TSharedRef
{
public:
	template <typename U, typename = std::enable_if_t<std::is_convertible_v<U*, T*>>>
	TSharedRef(const TSharedRef<U, Mode>& Other);
	T* operator->() const;
	T& operator*() const;
};
template <typename T, ESPMode Mode = ESPMode::ThreadSafe, typename... A>
TSharedRef<T, Mode> MakeShared(A&&... Values)
{
	(void)sizeof(T(std::forward<A>(Values)...));
	return *static_cast<TSharedRef<T, Mode>*>(nullptr);
}
template <typename T>
class TWeakPtr
{
public:
	TWeakPtr();
	template <typename U>
	TWeakPtr(const TSharedPtr<U>& Other);
	TSharedPtr<T> Pin() const;
};
template <typename T>
class TSharedFromThis
{
};
template <typename T>
class TUniquePtr
{
public:
	TUniquePtr();
	template <typename U>
	TUniquePtr(TUniquePtr<U>&& Other);
	TUniquePtr& operator=(TUniquePtr&& Other);
	T* Get() const;
	T* operator->() const;
};
template <typename T, typename... A>
TUniquePtr<T> MakeUnique(A&&... Values)
{
	(void)sizeof(T(std::forward<A>(Values)...));
	return TUniquePtr<T>();
}

struct FMath
{
	static float FRand();
	static bool IsNaN(double Value);
	template <typename T>
	static T Min(T A, T B);
	template <typename T>
	static T Max(T A, T B);
};

struct FQuat
{
	FQuat(double X, double Y, double Z, double W);
	static const FQuat Identity;
};

struct FGuid
{
};

class UObject;
class UClass;
class UScriptStruct;
class FObjectInitializer;

template <typename T>
class TObjectPtr
{
public:
	TObjectPtr();
	TObjectPtr(T* Object);
	operator T*() const;
	T* operator->() const;
};
template <typename T>
class TWeakObjectPtr
{
public:
	TWeakObjectPtr();
	TWeakObjectPtr(T* Object);
	T* Get() const;
	bool IsValid() const;
	T* operator->() const;
};
template <typename T>
class TSubclassOf
{
public:
	TSubclassOf(UClass* Class);
	TSubclassOf(std::nullptr_t);
};
template <typename T>
T* Cast(UObject* Object);
template <typename T>
T* NewObject(UObject* Outer)
{
	static_assert(std::is_base_of_v<UObject, T>);
	(void)Outer;
	return nullptr;
}

enum ELogVerbosity { Log, Warning, All };
struct FLogCategory
{
};
#define DECLARE_LOG_CATEGORY_EXTERN(Name, Default, CompileTime) extern FLogCategory Name
#define DEFINE_LOG_CATEGORY(Name) FLogCategory Name
template <typename... T>
void StubLog(FLogCategory&, ELogVerbosity, const TCHAR*, T...);
#define UE_LOG(Category, Verbosity, Format, ...) StubLog(Category, Verbosity, Format __VA_OPT__(, ) __VA_ARGS__)

template <typename... A>
struct TStubDynamicDelegate
{
	void Broadcast(A... Values) const;
};
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE(Name) using Name = TStubDynamicDelegate<>
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(Name, T1, N1) using Name = TStubDynamicDelegate<T1>
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(Name, T1, N1, T2, N2, T3, N3) using Name = TStubDynamicDelegate<T1, T2, T3>

template <typename Signature>
class TStubDelegate;
template <typename R, typename... A>
class TStubDelegate<R(A...)>
{
public:
	template <typename T, typename U>
	static TStubDelegate CreateUObject(T* Object, R (U::*Method)(A...));
	template <typename T, typename U>
	static TStubDelegate CreateSP(T* Object, R (U::*Method)(A...));
	static TStubDelegate CreateStatic(R (*Function)(A...));
};
template <typename... A>
class TStubEvent
{
public:
	template <typename T>
	void AddRaw(T* Object, void (T::*Method)(A...));
	int32 RemoveAll(const void* Object);
};
