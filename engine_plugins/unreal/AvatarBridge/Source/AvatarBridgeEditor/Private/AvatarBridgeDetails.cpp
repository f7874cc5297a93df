#include "AvatarBridgeDetails.h"

#include "AvatarBridgeComponent.h"
#include "AvatarBridgeTuning.h"
#include "DetailCategoryBuilder.h"
#include "DetailLayoutBuilder.h"
#include "DetailWidgetRow.h"
#include "UObject/Package.h"
#include "UObject/StrongObjectPtr.h"
#include "Widgets/Input/SButton.h"
#include "Widgets/Input/SSpinBox.h"
#include "Widgets/SBoxPanel.h"
#include "Widgets/Text/STextBlock.h"

#define LOCTEXT_NAMESPACE "AvatarBridge"

namespace
{
	/** One seat at a bridge's desk for all panels: these are made anew with each refresh, it stays. */
	TStrongObjectPtr<UAvatarBridgeTuning> Seat;

	UAvatarBridgeTuning& Tuning()
	{
		if (!Seat.IsValid())
		{
			Seat.Reset(NewObject<UAvatarBridgeTuning>(GetTransientPackage()));
		}
		return *Seat.Get();
	}
}

TSharedRef<IDetailCustomization> FAvatarBridgeDetails::MakeInstance()
{
	return MakeShared<FAvatarBridgeDetails>();
}

FAvatarBridgeDetails::~FAvatarBridgeDetails()
{
	FTSTicker::GetCoreTicker().RemoveTicker(Ticker);
}

void FAvatarBridgeDetails::Close()
{
	if (Seat.IsValid())
	{
		Seat->Disconnect();
		Seat.Reset();
	}
}

void FAvatarBridgeDetails::CustomizeDetails(const TSharedPtr<IDetailLayoutBuilder>& Builder)
{
	Layout = Builder;
	CustomizeDetails(*Builder);
	Ticker = FTSTicker::GetCoreTicker().AddTicker(FTickerDelegate::CreateSP(this, &FAvatarBridgeDetails::HandleTick), 0.25f);
}

void FAvatarBridgeDetails::CustomizeDetails(IDetailLayoutBuilder& Builder)
{
	TArray<TWeakObjectPtr<UObject>> Objects;
	Builder.GetObjectsBeingCustomized(Objects);
	if (Objects.Num() != 1)
	{
		return;
	}
	Component = Cast<UAvatarBridgeComponent>(Objects[0].Get());
	IDetailCategoryBuilder& Category =
		Builder.EditCategory(TEXT("Avatar Bridge Tuning"), LOCTEXT("Tuning", "Avatar Bridge Tuning"));
	AddStatus(Category, Component);
	if (!IsLive(Component))
	{
		return;
	}
	const TArray<FString> Curves = Tuning().GetCurves();
	ShownCurves = Curves.Num();
	for (const FString& Curve : Curves)
	{
		AddCurve(Category, Curve);
	}
}

void FAvatarBridgeDetails::AddStatus(IDetailCategoryBuilder& Category, TWeakObjectPtr<UAvatarBridgeComponent> Shown)
{
	const auto Action = [Shown] { return IsLive(Shown) ? LOCTEXT("Leave", "Disconnect") : LOCTEXT("Join", "Tune live"); };
	Category.AddCustomRow(LOCTEXT("Connection", "Connection"))
		.NameContent()[SNew(STextBlock).Text_Lambda([Shown] { return GetStatus(Shown); })]
		.ValueContent()[SNew(SButton).Text_Lambda(Action).OnClicked_Lambda([Shown] { return ToggleConnection(Shown); })];
	const auto CanUndo = [] { return Tuning().CanUndo(); };
	const auto CanRedo = [] { return Tuning().CanRedo(); };
	const auto CanSave = [] { return Tuning().HasUnsaved(); };
	TSharedRef<SHorizontalBox> Buttons = SNew(SHorizontalBox);
	Buttons->AddSlot().AutoWidth()[MakeButton(LOCTEXT("Undo", "Undo"), [] { Tuning().Undo(); }, CanUndo)];
	Buttons->AddSlot().AutoWidth()[MakeButton(LOCTEXT("Redo", "Redo"), [] { Tuning().Redo(); }, CanRedo)];
	Buttons->AddSlot().AutoWidth()[MakeButton(LOCTEXT("Save", "Save to the rig"), [] { Tuning().Save(); }, CanSave)];
	Category.AddCustomRow(LOCTEXT("Steps", "Undo Redo Save")).WholeRowContent()[Buttons];
}

void FAvatarBridgeDetails::AddCurve(IDetailCategoryBuilder& Category, const FString& Curve)
{
	TSharedRef<SHorizontalBox> Values = SNew(SHorizontalBox);
	for (const TCHAR* Key : {TEXT("gain"), TEXT("offset"), TEXT("smoothing_ms")})
	{
		const FString Path = TEXT("rig.curves.") + Curve + TEXT(".") + Key;
		Values->AddSlot().FillWidth(1.0f)[MakeValue(Path)];
	}
	Category.AddCustomRow(FText::FromString(Curve))
		.NameContent()[SNew(STextBlock).Text(FText::FromString(Curve))]
		.ValueContent()[Values];
}

TSharedRef<SWidget> FAvatarBridgeDetails::MakeButton(const FText& Label, TFunction<void()> Do, TFunction<bool()> IsEnabled)
{
	return SNew(SButton)
		.Text(Label)
		.IsEnabled_Lambda([IsEnabled] { return IsEnabled(); })
		.OnClicked_Lambda([Do]
			{
				Do();
				return FReply::Handled();
			});
}

TSharedRef<SWidget> FAvatarBridgeDetails::MakeValue(const FString& Path)
{
	FAvatarBridgeRange Range;
	Tuning().GetRange(Path, Range);
	const FString Tip = Range.Unit.IsEmpty() ? Range.Label : Range.Label + TEXT(" (") + Range.Unit + TEXT(")");
	return SNew(SSpinBox<double>)
		.MinValue(Range.Min)
		.MaxValue(Range.Max)
		.ToolTipText(FText::FromString(Tip))
		.Value_Lambda([Path]
			{
				double Value = 0;
				Tuning().GetNumber(Path, Value);
				return Value;
			})
		.OnValueChanged_Lambda([Path](double Value) { Tuning().SetNumber(Path, Value); });
}

bool FAvatarBridgeDetails::IsLive(TWeakObjectPtr<UAvatarBridgeComponent> Shown)
{
	return Shown.IsValid() && Tuning().IsConnectedTo(Shown->Address);
}

FReply FAvatarBridgeDetails::ToggleConnection(TWeakObjectPtr<UAvatarBridgeComponent> Shown)
{
	if (IsLive(Shown))
	{
		Tuning().Disconnect();
	}
	else if (Shown.IsValid())
	{
		Tuning().Connect(Shown->Address);
	}
	return FReply::Handled();
}

FText FAvatarBridgeDetails::GetStatus(TWeakObjectPtr<UAvatarBridgeComponent> Shown)
{
	if (!IsLive(Shown))
	{
		return LOCTEXT("Off", "Not connected");
	}
	const FString Error = Tuning().GetLastError();
	return Error.IsEmpty() ? LOCTEXT("Live", "Live: gain, offset, smoothing in ms") : FText::FromString(Error);
}

/** The rows are made anew when the bridge has told the curves of the rig, or tells them no more. */
bool FAvatarBridgeDetails::HandleTick(float DeltaSeconds)
{
	const TSharedPtr<IDetailLayoutBuilder> Builder = Layout.Pin();
	const int32 Curves = IsLive(Component) ? Tuning().GetCurves().Num() : 0;
	if (Builder.IsValid() && Curves != ShownCurves)
	{
		Builder->ForceRefreshDetails();
	}
	return true;
}

#undef LOCTEXT_NAMESPACE
